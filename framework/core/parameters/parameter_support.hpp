#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "varia/parameters.hpp"

namespace varia {

/// What the parameter types share.

inline constexpr std::size_t kMostItems = 100000;  ///< of a list of scalars
inline constexpr std::size_t kMostRecords = 1000;  ///< of a list of records, of a map of numbers

/// Lower case letters, digits and `_`, a letter first, at most 64.
bool is_name(std::string_view text);

/// Throws the ConfigError "<subject>: <name>: expected <expected>, found <what value is>" at the
/// place of `value`, or at that of the map around it.
[[noreturn]] void refuse_value(const Value& value, const LoadContext& context,
                               const std::string& name, const std::string& expected);
/// The same for a word that is none of `options`, with the nearest.
[[noreturn]] void refuse_option(const Value& value, const LoadContext& context,
                                const std::string& name, const std::vector<std::string>& options);

/// The place of `value`, or of the map that was read where the value has none.
Location place_of(const Value& value, const LoadContext& context);

/// "[0, 1]", "at least 0", "at most 1", or empty where anything goes.
std::string range_text(const Range& range);
std::string range_text(const Integer::Bounds& bounds);

/// The same for the items of a list: "each in [0, 1]".
std::string each_text(const std::string& range);

bool contains(const Range& range, double number);
bool contains(const Integer::Bounds& bounds, std::int64_t number);

/// The number, where it is one and within the range.
std::optional<double> number_in(const Value& value, const Range& range);
std::optional<std::int64_t> number_in(const Value& value, const Integer::Bounds& bounds);
/// What number_in missed: "a real number", or "a real number in [0, 1]" where it is one.
std::string expected_number(const Value& value, const Range& range);
std::string expected_number(const Value& value, const Integer::Bounds& bounds);

/// Throws std::logic_error where the default is out of the range.
void check_default(const std::string& name, const Range& range, double number);
void check_default(const std::string& name, const Integer::Bounds& bounds, std::int64_t number);

/// A word alone, or a map with `use`: the word, and the map without it (or nothing).
struct Use {
  std::string name;
  Location where;  ///< of the word
  Value params;
};
std::optional<Use> split_use(const Value& value);

/// `params` as a map with `use` in front.
Value with_use(const std::string& use, const Value& params);

}  // namespace varia
