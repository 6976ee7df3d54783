#include "experiment/axes/searched_sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "experiment/axes/random_axis.hpp"

namespace varia::experiment {
namespace {

// With what stands beside the values, half of what `read_yaml_file` takes.
constexpr std::int64_t kMaxProposedValues = 50'000;
constexpr std::int64_t kValuesBesideKeys = 4;

Value with_random_first(const Value& sweep) {
  Value reordered = Value::map({}, sweep.where());
  for (const bool wanted : {true, false})
    for (const auto& entry : sweep.entries())
      if ((entry.key == "random") == wanted) reordered.set(entry.key, entry.value, entry.key_where);
  return reordered;
}

void check_point(const Value& point, const std::vector<RandomDimension>& dimensions) {
  for (const auto& dimension : dimensions) {
    const Value* value = point.find(dimension.target.key);
    if (value == nullptr)
      throw ConfigError(point.where(),
                        fmt::format("a proposed point has no value of {}", dimension.target.key));
    dimension.coordinate(*value);  // refuses what is none of its values
  }
}

Point stop_at(const Value& point, const std::vector<RandomDimension>& dimensions) {
  Point stop;
  for (const auto& dimension : dimensions) {
    Assignment assignment = dimension.target;
    assignment.value = *point.find(dimension.target.key);
    assignment.value.set_where(dimension.target.value.where());
    stop.push_back(std::move(assignment));
  }
  return stop;
}

}  // namespace

const Value& searched_random(const Value& sweep, const Search& search) {
  const Value* random = sweep.find("random");
  if (random == nullptr)
    throw ConfigError(search.where,
                      "search tpe: it proposes the points of sweep.random, and there is none; "
                      "write one, such as {count: 30, optimizer.lr: {log_uniform: [1e-4, 1e-2]}}");
  const auto count = random_count(*random);
  const auto keys = static_cast<std::int64_t>(random->entries().size()) - 1;
  const auto most = kMaxProposedValues / (keys + kValuesBesideKeys);
  if (count > most)
    throw ConfigError(
        random->where(),
        fmt::format("search tpe: sweep.random: expected at most {} points of {} keys, "
                    "found a count of {}",
                    most, keys, count));
  return *random;
}

std::vector<Value> searched_points(const Value& random, std::int64_t seed, std::int64_t startup,
                                   const ProposedPoints& proposed) {
  const auto count = static_cast<std::size_t>(random_count(random));
  const auto dimensions = random_dimensions(random);
  std::vector<Value> points;
  std::unordered_set<std::string> seen;
  for (const auto& assignments : draw_random_points(random, seed)) {
    if (points.size() == static_cast<std::size_t>(startup)) break;
    Value point = Value::map({});
    for (const auto& assignment : assignments) point.set(assignment.key, assignment.value);
    seen.insert(point.canonical());
    points.push_back(std::move(point));
  }
  for (const auto& point : proposed) {
    check_point(point, dimensions);
    if (points.size() < count && seen.insert(point.canonical()).second) points.push_back(point);
  }
  return points;
}

Sweep read_searched_sweep(const Value& sweep, std::int64_t seed, const Search& search,
                          const ProposedPoints& proposed) {
  const Value& random = searched_random(sweep, search);
  Sweep read = read_sweep(with_random_first(sweep), seed);
  const auto dimensions = random_dimensions(random);
  auto& axis = read.axes.front();
  axis.clear();
  for (const auto& point : searched_points(random, seed, search.tpe()->startup(), proposed))
    axis.push_back(stop_at(point, dimensions));
  return read;
}

}  // namespace varia::experiment
