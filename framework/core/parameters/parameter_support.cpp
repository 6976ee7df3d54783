#include "core/parameters/parameter_support.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/values/messages.hpp"

namespace varia {
namespace {

template <class Interval, class Number>
void require_default(const std::string& name, const Interval& range, Number number) {
  if (contains(range, number)) return;
  throw std::logic_error("parameter " + quote(name) + ": its default " +
                         number_text(static_cast<double>(number)) +
                         " is out of range: " + range_text(range));
}

std::string range_text(const std::string& min, const std::string& max) {
  if (min.empty() && max.empty()) return {};
  if (max.empty()) return "at least " + min;
  if (min.empty()) return "at most " + max;
  return "[" + min + ", " + max + "]";
}

/// "a real number in [0, 1]", "a real number of at least 0".
std::string within(const std::string& what, const std::string& range) {
  if (range.empty()) return what;
  return what + (range.front() == '[' ? " in " : " of ") + range;
}

}  // namespace

bool is_name(std::string_view text) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return !text.empty() && text.size() <= 64 && is_letter(text.front()) &&
         std::ranges::all_of(
             text, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

Location place_of(const Value& value, const LoadContext& context) {
  return value.where().text().empty() ? context.where : value.where();
}

void refuse_value(const Value& value, const LoadContext& context, const std::string& name,
                  const std::string& expected) {
  throw ConfigError(place_of(value, context), context.nested(name).subject + ": expected " +
                                                  expected + ", found " + value.describe());
}

void refuse_option(const Value& value, const LoadContext& context, const std::string& name,
                   const std::vector<std::string>& options) {
  std::string message = context.nested(name).subject + ": expected ";
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (i > 0) message += i + 1 == options.size() ? " or " : ", ";
    message += options[i];
  }
  const Value* use = value.find("use");
  const bool is_map = value.is_map() && !use;
  message += ", found " + (is_map ? "a map without 'use'" : (use ? *use : value).describe());
  const std::string near = nearest_name((use ? *use : value).text(), options);
  if (!near.empty()) message += ". Did you mean " + quote(near) + "?";
  throw ConfigError(place_of(use ? *use : value, context), message);
}

std::string range_text(const Range& range) {
  return range_text(
      range.min == -std::numeric_limits<double>::infinity() ? "" : number_text(range.min),
      range.max == std::numeric_limits<double>::infinity() ? "" : number_text(range.max));
}

std::string range_text(const IntegerRange& bounds) {
  const IntegerRange any;
  return range_text(bounds.min == any.min ? "" : std::to_string(bounds.min),
                    bounds.max == any.max ? "" : std::to_string(bounds.max));
}

std::string each_text(const std::string& range) {
  if (range.empty()) return {};
  return (range.front() == '[' ? "each in " : "each ") + range;
}

std::optional<double> number_in(const Value& value, const Range& range) {
  const auto number = value.as_real();
  return number && contains(range, *number) ? number : std::nullopt;
}

std::optional<std::int64_t> number_in(const Value& value, const IntegerRange& bounds) {
  const auto number = value.as_integer();
  return number && contains(bounds, *number) ? number : std::nullopt;
}

std::string expected_number(const Value& value, const Range& range) {
  const auto number = value.as_real();
  const bool is_number = number && !std::isnan(*number);
  return within("a real number", is_number ? range_text(range) : "");
}

std::string expected_number(const Value& value, const IntegerRange& bounds) {
  if (value.as_integer()) return within("a whole number", range_text(bounds));
  // One that no integer of 64 bits holds: both ends are told.
  const auto number = value.as_real();
  const bool is_whole = number && std::isfinite(*number) && std::trunc(*number) == *number;
  return within("a whole number",
                is_whole ? range_text(std::to_string(bounds.min), std::to_string(bounds.max)) : "");
}

void check_default(const std::string& name, const Range& range, double number) {
  require_default(name, range, number);
}

void check_default(const std::string& name, const IntegerRange& bounds, std::int64_t number) {
  require_default(name, bounds, number);
}

std::optional<Use> split_use(const Value& value) {
  if (value.is_scalar()) return Use{value.text(), value.where(), Value(value.where())};
  const Value* use = value.find("use");
  if (!use || !use->is_scalar()) return std::nullopt;
  Use split{use->text(), use->where(), value};
  split.params.erase("use");
  return split;
}

Value with_use(const std::string& use, const Value& params) {
  Value value = Value::map();
  value.set("use", Value::text(use));
  for (const auto& entry : params.entries()) value.set(entry.key, entry.value);
  return value;
}

}  // namespace varia
