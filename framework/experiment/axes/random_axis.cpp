#include "experiment/axes/random_axis.hpp"

#include <fmt/format.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <unordered_set>

#include "experiment/axes/owen_sobol.hpp"
#include "varia/parameter_schema.hpp"

namespace varia::experiment {
namespace {

using Scale = RandomDimension::Scale;

constexpr std::size_t kMaxKeys = 1000;
constexpr const char* kCount = "count";

Value rounded(double number, double low, double high) {
  const double short_number = std::strtod(fmt::format("{:.6g}", number).c_str(), nullptr);
  return Value::real(std::clamp(short_number, low, high));
}

[[noreturn]] void refuse(const std::string& key, const Value& found, const std::string& expected) {
  throw ConfigError(found.where(), fmt::format("sweep: random {}: expected {}, found {}", key,
                                               expected, found.describe()));
}

/// Reads the [low, high] of a distribution of numbers.
void read_bounds(const std::string& key, const Value& list, RandomDimension& read) {
  constexpr double kLargestWhole = 0x1p52;
  const bool whole = read.scale == Scale::integer;
  const bool positive = read.scale == Scale::logarithmic;
  const std::string expected = whole      ? "two whole numbers, [lowest, highest]"
                               : positive ? "two positive numbers, [low, high]"
                                          : "two numbers, [low, high]";
  if (!list.is_list() || list.items().size() != 2) refuse(key, list, expected);
  const auto number = [&](const Value& item) {
    const auto real = item.as_real();
    if (!real || !std::isfinite(*real) || (positive && *real <= 0) ||
        (whole && (!item.as_integer() || std::abs(*real) > kLargestWhole)))
      refuse(key, item, expected);
    return *real;
  };
  read.low = number(list.items()[0]);
  read.high = number(list.items()[1]);
  if (read.high <= read.low)
    refuse(key, list.items()[1],
           fmt::format("a {}number above {}", whole ? "whole " : "", number_text(read.low)));
  read.lowest = positive ? std::log(read.low) : whole ? read.low - 0.5 : read.low;
  read.highest = positive ? std::log(read.high) : whole ? read.high + 0.5 : read.high;
}

/// Distributions by name.
const std::map<std::string, Scale>& scales_by_name() {
  static const std::map<std::string, Scale> scales{{"log_uniform", Scale::logarithmic},
                                                   {"uniform", Scale::linear},
                                                   {"int_uniform", Scale::integer},
                                                   {"choice", Scale::choice}};
  return scales;
}

}  // namespace

Value distribution_schema() {
  Value kinds = Value::map();
  for (const auto& [name, scale] : scales_by_name()) {
    const bool is_choice = scale == Scale::choice;
    const auto number = schema_of(
        {{"type", Value::text(scale == Scale::integer ? "integer" : "number")},
         {"exclusiveMinimum", scale == Scale::logarithmic ? Value::integer(0) : Value()}});
    kinds.set(name, schema_of({{"type", Value::text("array")},
                               {"items", is_choice ? Value() : number},
                               {"minItems", Value::integer(is_choice ? 1 : 2)},
                               {"maxItems", is_choice ? Value() : Value::integer(2)}}));
  }
  return schema_of({{"type", Value::text("object")},
                    {"properties", std::move(kinds)},
                    {"additionalProperties", Value::boolean(false)},
                    {"minProperties", Value::integer(1)},
                    {"maxProperties", Value::integer(1)}});
}

namespace {

void read_distribution(const std::string& key, const Value& distribution, RandomDimension& read) {
  const auto& scales = scales_by_name();
  if (!distribution.is_map() || distribution.entries().size() != 1)
    refuse(key, distribution,
           "one distribution, such as {log_uniform: [1e-4, 1e-2]} (or uniform, int_uniform, "
           "choice)");
  const auto& [name, list, where] = distribution.entries().front();
  const auto scale = scales.find(name);
  if (scale == scales.end()) {
    std::vector<std::string> known;
    for (const auto& [one, its_scale] : scales) known.push_back(one);
    throw ConfigError(where, fmt::format("sweep: random {}: '{}' is not a distribution. {}", key,
                                         name, suggestion(name, known)));
  }
  read.scale = scale->second;
  if (read.scale != Scale::choice) return read_bounds(key, list, read);
  if (!list.is_list() || list.items().empty()) refuse(key, list, "a list of values");
  read.items = list.items();
  read.highest = static_cast<double>(read.items.size() - 1);
}

}  // namespace

Value RandomDimension::value(double coordinate) const {
  switch (scale) {
    case Scale::linear:
      return rounded(coordinate, low, high);
    case Scale::logarithmic:
      return rounded(std::exp(coordinate), low, high);
    case Scale::integer:
      return Value::integer(
          static_cast<std::int64_t>(std::clamp(std::round(coordinate), low, high)));
    case Scale::choice:
      return items.at(static_cast<std::size_t>(coordinate));
  }
  return {};
}

Value RandomDimension::quantile(double u) const {
  switch (scale) {
    case Scale::linear:
    case Scale::logarithmic:
      return value(lowest * (1 - u) + highest * u);
    case Scale::integer:
      return value(std::min(high, low + std::floor(u * (high - low + 1))));
    case Scale::choice:
      return value(std::min(std::floor(u * static_cast<double>(items.size())), highest));
  }
  return {};
}

double RandomDimension::coordinate(const Value& value) const {
  if (scale == Scale::choice) {
    const auto content = value.canonical();
    for (std::size_t i = 0; i < items.size(); ++i)
      if (items[i].canonical() == content) return static_cast<double>(i);
    refuse(target.key, value, "one of the values of the choice");
  }
  const auto number = value.as_real();
  if (!number || *number < low || *number > high)
    refuse(target.key, value, fmt::format("a number in [{}, {}]", low, high));
  return scale == Scale::logarithmic ? std::log(*number) : *number;
}

std::vector<RandomDimension> random_dimensions(const Value& random) {
  std::vector<RandomDimension> dimensions;
  for (const auto& entry : random.entries()) {
    if (entry.key == kCount) continue;
    RandomDimension dimension;
    dimension.target = {entry.key, split_key(entry.key, entry.key_where), Value(), entry.key_where};
    dimension.target.value.set_where(entry.value.where());
    read_distribution(entry.key, entry.value, dimension);
    dimensions.push_back(std::move(dimension));
  }
  if (dimensions.empty() || dimensions.size() > kMaxKeys)
    throw ConfigError(random.where(),
                      fmt::format("sweep: random: expected 1 to {} keys besides 'count', found {}",
                                  kMaxKeys, dimensions.size()));
  std::ranges::sort(dimensions, {}, [](const auto& one) { return one.target.key; });
  return dimensions;
}

std::int64_t random_count(const Value& random) {
  if (!random.is_map())
    throw ConfigError(random.where(),
                      "sweep: random: expected a map such as {count: 8, "
                      "optimizer.lr: {log_uniform: [1e-4, 1e-2]}}, found " +
                          random.describe());
  const Value* count = random.find(kCount);
  if (!count)
    throw ConfigError(random.where(),
                      "sweep: random: 'count' is missing; say how many points to draw");
  const auto number = count->as_integer();
  if (!number || *number < 1 || *number > kMaxRandomPoints)
    throw ConfigError(count->where(),
                      fmt::format("sweep: random count: expected a whole number in [1, {}], found "
                                  "{}",
                                  kMaxRandomPoints, count->describe()));
  return *number;
}

Value random_schema(const std::vector<std::string>& targets, const Value& distribution) {
  Value keys = Value::map();
  keys.set(kCount, schema_of({{"type", Value::text("integer")},
                              {"minimum", Value::integer(1)},
                              {"maximum", Value::integer(kMaxRandomPoints)},
                              {"description", Value::text("How many points are drawn.")}}));
  for (const auto& key : targets) keys.set(key, distribution);
  Value schema = map_schema(std::move(keys));
  schema.set("required", Value::list({Value::text(kCount)}));
  return schema;
}

std::vector<std::vector<Assignment>> draw_random_points(const Value& random, std::int64_t seed) {
  const auto count = static_cast<std::size_t>(random_count(random));
  const auto dimensions = random_dimensions(random);
  std::vector<std::uint64_t> seeds;
  for (const auto& dimension : dimensions) {
    const std::string& key = dimension.target.key;
    seeds.push_back(XXH64(key.data(), key.size(), static_cast<std::uint64_t>(seed)));
  }
  OwenSobol sequence(std::move(seeds));
  std::vector<std::vector<Assignment>> points;
  std::unordered_set<std::string> seen;
  for (std::size_t drawn = 0; points.size() < count; ++drawn) {
    if (drawn > 100 * count + 1000)
      throw ConfigError(random.where(),
                        fmt::format("sweep: random: only {} different points were found; lower "
                                    "'count' ({}), or write the values as axes",
                                    points.size(), count));
    const auto coordinates = sequence.next();
    std::vector<Assignment> point;
    std::string content;
    for (std::size_t i = 0; i < dimensions.size(); ++i) {
      Assignment assignment = dimensions[i].target;
      Value value = dimensions[i].quantile(coordinates[i]);
      if (value.where().file.empty()) value.set_where(assignment.value.where());
      content += value.canonical() + "\n";
      assignment.value = std::move(value);
      point.push_back(std::move(assignment));
    }
    if (seen.insert(std::move(content)).second) points.push_back(std::move(point));
  }
  return points;
}

}  // namespace varia::experiment
