#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

/// The bytes before the HDF5 part of a file, which every HDF5 program skips:
///
///     <format> <version> <size of the file> <bytes of text> <checksum>\n
///     text
///     zeros, up to the next power of two
///
/// The checksum is XXH3 of the text and of what stands before it. The size of the file tells a
/// truncated one. Private to framework/results.
namespace varia::results {

inline constexpr const char* kTrialFormat = "varia-trial";
inline constexpr const char* kResultsFormat = "varia-results";
inline constexpr std::int64_t kFormatVersion = 1;  ///< of all formats

inline constexpr std::size_t kLongestHeadText = 65000;

/// Bytes that the head takes: a power of two, at least 512.
std::size_t head_size(const std::string& format, const std::string& text);

/// The text with the line before it.
std::string head_bytes(const std::string& format, const std::string& text, std::uint64_t file_size);

/// The text of a file. nullopt if the file has no head of this format and version, or it is
/// damaged.
std::optional<std::string> read_head(const std::string& path, const std::string& format);

}  // namespace varia::results
