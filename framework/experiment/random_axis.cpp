#include "experiment/random_axis.hpp"

#include <fmt/format.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <unordered_set>

#include "experiment/owen_sobol.hpp"

namespace varia::experiment {
namespace {

constexpr std::size_t kMaxKeys = 1000;

/// Makes a value from a number in [0, 1).
using Quantile = std::function<Value(double)>;

struct Dimension {
  Assignment target;  ///< without its value
  Quantile quantile;
};

Value rounded(double number, double low, double high) {
  const double short_number = std::strtod(fmt::format("{:.6g}", number).c_str(), nullptr);
  return Value::real(std::clamp(short_number, low, high));
}

[[noreturn]] void refuse(const std::string& key, const Value& found, const std::string& expected) {
  throw ConfigError(found.where(), fmt::format("sweep: random {}: expected {}, found {}", key,
                                               expected, found.describe()));
}

std::pair<double, double> real_range(const std::string& key, const Value& list, bool positive) {
  const std::string expected =
      positive ? "two positive numbers, [low, high]" : "two numbers, [low, high]";
  if (!list.is_list() || list.items().size() != 2) refuse(key, list, expected);
  const auto low = list.items()[0].as_real();
  const auto high = list.items()[1].as_real();
  if (!low || !std::isfinite(*low) || (positive && *low <= 0))
    refuse(key, list.items()[0], expected);
  if (!high || !std::isfinite(*high)) refuse(key, list.items()[1], expected);
  if (*high <= *low) refuse(key, list.items()[1], "a number above " + number_text(*low));
  return {*low, *high};
}

Quantile uniform(const std::string& key, const Value& list) {
  const auto [low, high] = real_range(key, list, false);
  return
      [low = low, high = high](double u) { return rounded(low * (1 - u) + high * u, low, high); };
}

Quantile log_uniform(const std::string& key, const Value& list) {
  const auto [low, high] = real_range(key, list, true);
  return [low = low, high = high](double u) {
    return rounded(std::exp(std::log(low) * (1 - u) + std::log(high) * u), low, high);
  };
}

Quantile int_uniform(const std::string& key, const Value& list) {
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
  return [low, high](double u) {
    const double steps = std::floor(u * static_cast<double>(high - low + 1));
    return Value::integer(std::min(high, low + static_cast<std::int64_t>(steps)));
  };
}

Quantile choice(const std::string& key, const Value& list) {
  if (!list.is_list() || list.items().empty()) refuse(key, list, "a list of values");
  return [items = list.items()](double u) {
    const auto index = static_cast<std::size_t>(u * static_cast<double>(items.size()));
    return items[std::min(index, items.size() - 1)];
  };
}

Quantile read_quantile(const std::string& key, const Value& distribution) {
  const std::vector<std::pair<std::string, Quantile (*)(const std::string&, const Value&)>> all{
      {"log_uniform", log_uniform},
      {"uniform", uniform},
      {"int_uniform", int_uniform},
      {"choice", choice}};
  if (!distribution.is_map() || distribution.entries().size() != 1)
    refuse(key, distribution,
           "one distribution, such as {log_uniform: [1e-4, 1e-2]} (or uniform, int_uniform, "
           "choice)");
  const auto& entry = distribution.entries().front();
  std::vector<std::string> known;
  for (const auto& [name, make] : all) {
    if (name == entry.key) return make(key, entry.value);
    known.push_back(name);
  }
  throw ConfigError(entry.key_where, fmt::format("sweep: random {}: '{}' is no distribution. {}",
                                                 key, entry.key, suggestion(entry.key, known)));
}

std::vector<Dimension> read_dimensions(const Value& random) {
  std::vector<Dimension> dimensions;
  for (const auto& entry : random.entries()) {
    if (entry.key == "count") continue;
    Dimension dimension;
    dimension.target = {entry.key, split_key(entry.key, entry.key_where), Value(), entry.key_where};
    dimension.target.value.set_where(entry.value.where());
    dimension.quantile = read_quantile(entry.key, entry.value);
    dimensions.push_back(std::move(dimension));
  }
  if (dimensions.empty() || dimensions.size() > kMaxKeys)
    throw ConfigError(random.where(),
                      fmt::format("sweep: random: expected 1 to {} keys besides 'count', found {}",
                                  kMaxKeys, dimensions.size()));
  std::sort(dimensions.begin(), dimensions.end(),
            [](const auto& a, const auto& b) { return a.target.key < b.target.key; });
  return dimensions;
}

}  // namespace

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
    refuse("count", *count, fmt::format("a whole number in [1, {}]", kMaxRandomPoints));
  return *number;
}

std::vector<std::vector<Assignment>> draw_random_points(const Value& random, std::int64_t seed) {
  const auto count = static_cast<std::size_t>(random_count(random));
  const auto dimensions = read_dimensions(random);
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
