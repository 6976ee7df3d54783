#include "experiment/axes/random_axis.hpp"

#include <fmt/format.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <unordered_set>

#include "experiment/axes/owen_sobol.hpp"
#include "experiment/axes/random_dimension.hpp"

namespace varia::experiment {

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
