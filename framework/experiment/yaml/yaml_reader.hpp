#pragma once

#include <string>

#include "varia/value.hpp"

namespace varia::experiment {

/// Bounds of what is read; experiment files are a thousand times smaller.
inline constexpr std::size_t kMaxFileBytes = 2 << 20;
inline constexpr std::size_t kMaxValues = 100'000;               ///< after aliases were expanded
inline constexpr std::size_t kMaxTextBytes = 8 * kMaxFileBytes;  ///< of all scalars, likewise
inline constexpr int kMaxDepth = 64;  ///< of lists and maps in each other
inline constexpr std::size_t kMaxKeyBytes = 200;

/// Reads one YAML document; every value knows its file, line and column.
///
/// Anchors, aliases and merge keys (`<<: *base`, `<<: [*a, *b]`; keys that are written win, then
/// the earlier map) are resolved; a value that came through an alias has the place of its anchor.
/// Of the tags only `!!str` is known: it makes a scalar text.
/// @throws ConfigError if the file is missing, not a regular file, empty or not UTF-8 text, if it
///   is no YAML, holds two documents, one key twice, a key that is no text, an unknown tag, or goes
///   beyond the bounds above.
Value read_yaml_file(const std::string& path);

/// The same, but a file without a value, such as one of comments alone, is null.
Value read_yaml_file_or_null(const std::string& path);

/// The same for text; `source` stands for the file in messages.
Value read_yaml_text(const std::string& text, const std::string& source);

/// Reads the value of a `KEY=VALUE`: YAML without line breaks. Empty text is null. All its places
/// are the file of `where`.
Value read_yaml_value(const std::string& text, const Location& where);

}  // namespace varia::experiment
