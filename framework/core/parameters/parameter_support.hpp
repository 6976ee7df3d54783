#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "varia/parameters.hpp"

namespace varia {

struct Build;
struct ComponentInfo;

/// What the types of parameters share.

inline constexpr std::size_t kMostItems = 100000;  ///< of a list of scalars
inline constexpr std::size_t kMostRecords = 1000;  ///< of a list of records, of a map of numbers

/// Lower case letters, digits and `_`, a letter first, at most 64.
bool is_name(std::string_view text);

/// Throws the ConfigError "<subject>: <name>: expected <expected>, found <what value is>" at the
/// place of `value`, or of the map that contains it.
[[noreturn]] void refuse_value(const Value& value, const LoadContext& context,
                               const std::string& name, const std::string& expected);
/// The same for a word that is not one of `options`; names the nearest.
[[noreturn]] void refuse_option(const Value& value, const LoadContext& context,
                                const std::string& name, const std::vector<std::string>& options);

/// @throws ConfigError at `where` if a likelihood is not one of the data's domains. It names the
///         likelihoods that are.
void require_domains(const Registry& registry, const ComponentInfo& likelihood, const Build& build,
                     const Location& where);

/// The place of `value`; that of the map which is being read if the value has none.
Location place_of(const Value& value, const LoadContext& context);

/// "[0, 1]", "at least 0", "at most 1", or empty if every number is allowed.
std::string range_text(const Range& range);
std::string range_text(const IntegerRange& bounds);

/// The same for the items of a list: "each in [0, 1]".
std::string each_text(const std::string& range);

template <class Interval, class Number>
bool contains(const Interval& range, Number number) {
  return number >= range.min && number <= range.max;
}

/// The number; nullopt if `value` is not a number or out of the range.
std::optional<double> number_in(const Value& value, const Range& range);
std::optional<std::int64_t> number_in(const Value& value, const IntegerRange& bounds);
/// What to expect if number_in gives nullopt: "a real number", or "a real number in [0, 1]" if
/// `value` is a number out of the range.
std::string expected_number(const Value& value, const Range& range);
std::string expected_number(const Value& value, const IntegerRange& bounds);

/// @throws std::logic_error if the default is out of the range
void check_default(const std::string& name, const Range& range, double number);
void check_default(const std::string& name, const IntegerRange& bounds, std::int64_t number);

/// A component and its parameters: a name alone, or a map with `use`.
struct Use {
  std::string name;
  Location where;  ///< of the name
  Value params;    ///< the map without `use`; null for a name alone
};
/// nullopt if `value` is neither.
std::optional<Use> split_use(const Value& value);

/// The inverse: `params` as a map that begins with `use`.
Value with_use(const std::string& use, const Value& params);

}  // namespace varia
