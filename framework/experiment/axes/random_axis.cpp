#include "experiment/axes/random_axis.hpp"

#include <fmt/format.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <unordered_set>

#include "experiment/axes/owen_sobol.hpp"

namespace varia::experiment {
namespace {

using Scale = RandomDimension::Scale;

constexpr std::size_t kMaxKeys = 1000;

Value rounded(double number, double low, double high) {
  const double short_number = std::strtod(fmt::format("{:.6g}", number).c_str(), nullptr);
  return Value::real(std::clamp(short_number, low, high));
}

[[noreturn]] void refuse(const std::string& key, const Value& found, const std::string& expected) {
  throw ConfigError(found.where(), fmt::format("sweep: random {}: expected {}, found {}", key,
                                               expected, found.describe()));
}

void read_reals(const std::string& key, const Value& list, bool positive, RandomDimension& read) {
  const std::string expected =
      positive ? "two positive numbers, [low, high]" : "two numbers, [low, high]";
  if (!list.is_list() || list.items().size() != 2) refuse(key, list, expected);
  const auto low = list.items()[0].as_real();
  const auto high = list.items()[1].as_real();
  if (!low || !std::isfinite(*low) || (positive && *low <= 0))
    refuse(key, list.items()[0], expected);
  if (!high || !std::isfinite(*high)) refuse(key, list.items()[1], expected);
  if (*high <= *low) refuse(key, list.items()[1], "a number above " + number_text(*low));
  read.low = *low;
  read.high = *high;
}

void uniform(const std::string& key, const Value& list, RandomDimension& read) {
  read_reals(key, list, false, read);
  read.scale = Scale::linear;
}

void log_uniform(const std::string& key, const Value& list, RandomDimension& read) {
  read_reals(key, list, true, read);
  read.scale = Scale::logarithmic;
}

void int_uniform(const std::string& key, const Value& list, RandomDimension& read) {
  constexpr std::int64_t largest = std::int64_t{1} << 52;
  const std::string expected = "two whole numbers, [lowest, highest]";
  if (!list.is_list() || list.items().size() != 2) refuse(key, list, expected);
  for (const Value& item : list.items()) {
    const auto number = item.as_integer();
    if (!number || *number > largest || *number < -largest) refuse(key, item, expected);
  }
  const std::int64_t low = *list.items()[0].as_integer();
  const std::int64_t high = *list.items()[1].as_integer();
  if (high <= low) refuse(key, list.items()[1], fmt::format("a whole number above {}", low));
  read.scale = Scale::integer;
  read.low = static_cast<double>(low);
  read.high = static_cast<double>(high);
}

void choice(const std::string& key, const Value& list, RandomDimension& read) {
  if (!list.is_list() || list.items().empty()) refuse(key, list, "a list of values");
  read.scale = Scale::choice;
  read.items = list.items();
}

void read_distribution(const std::string& key, const Value& distribution, RandomDimension& read) {
  using Read = void (*)(const std::string&, const Value&, RandomDimension&);
  const std::vector<std::pair<std::string, Read>> all{{"log_uniform", log_uniform},
                                                      {"uniform", uniform},
                                                      {"int_uniform", int_uniform},
                                                      {"choice", choice}};
  if (!distribution.is_map() || distribution.entries().size() != 1)
    refuse(key, distribution,
           "one distribution, such as {log_uniform: [1e-4, 1e-2]} (or uniform, int_uniform, "
           "choice)");
  const auto& entry = distribution.entries().front();
  std::vector<std::string> known;
  for (const auto& [name, read_it] : all) {
    if (name == entry.key) return read_it(key, entry.value, read);
    known.push_back(name);
  }
  throw ConfigError(entry.key_where, fmt::format("sweep: random {}: '{}' is not a distribution. {}",
                                                 key, entry.key, suggestion(entry.key, known)));
}

}  // namespace

double RandomDimension::lowest() const {
  switch (scale) {
    case Scale::linear:
      return low;
    case Scale::logarithmic:
      return std::log(low);
    case Scale::integer:
      return low - 0.5;
    case Scale::choice:
      return 0;
  }
  return 0;
}

double RandomDimension::highest() const {
  switch (scale) {
    case Scale::linear:
      return high;
    case Scale::logarithmic:
      return std::log(high);
    case Scale::integer:
      return high + 0.5;
    case Scale::choice:
      return static_cast<double>(items.size() - 1);
  }
  return 0;
}

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
      return value(lowest() * (1 - u) + highest() * u);
    case Scale::integer:
      return value(std::min(high, low + std::floor(u * (high - low + 1))));
    case Scale::choice:
      return value(std::min(std::floor(u * static_cast<double>(items.size())), highest()));
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
    if (entry.key == "count") continue;
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
  const Value* count = random.find("count");
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
