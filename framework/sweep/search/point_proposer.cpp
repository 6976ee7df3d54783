#include "sweep/search/point_proposer.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <set>

#include "experiment/axes/random_axis.hpp"
#include "experiment/axes/searched_sweep.hpp"

namespace varia::search {

using experiment::RandomDimension;

namespace {

std::vector<TpeRange> space_of(const std::vector<RandomDimension>& dimensions) {
  std::vector<TpeRange> space;
  for (const auto& dimension : dimensions)
    space.push_back({dimension.lowest(), dimension.highest(), dimension.items.size()});
  return space;
}

Tpe::Options options_of(const experiment::TpeSettings& settings) {
  return {static_cast<std::size_t>(settings.candidates), settings.gamma};
}

std::uint64_t stream_of(std::int64_t seed, std::size_t index, std::int64_t attempt) {
  const std::array<std::int64_t, 3> key{seed, static_cast<std::int64_t>(index), attempt};
  return XXH64(key.data(), sizeof key, XXH64("tpe", 3, 0));
}

}  // namespace

PointProposer::PointProposer(const Value& random, const experiment::TpeSettings& settings,
                             std::int64_t seed)
    : dimensions_(experiment::random_dimensions(random)),
      startup_(experiment::startup_count(random, settings)),
      seed_(seed),
      tpe_(space_of(dimensions_), options_of(settings)) {
  for (const auto& assignments : experiment::draw_random_points(random, seed)) {
    Value point = Value::map({});
    for (const auto& assignment : assignments) point.set(assignment.key, assignment.value);
    drawn_.push_back(std::move(point));
  }
}

Value PointProposer::propose(const std::vector<Value>& points,
                             const std::vector<Result>& results) const {
  std::set<std::string> taken;
  for (const auto& point : points) taken.insert(point.canonical());
  std::vector<TpeResult> tried;
  for (const auto& result : results) {
    TpeResult one;
    one.value = result.value;
    for (const auto& dimension : dimensions_)
      one.at.push_back(dimension.coordinate(*points.at(result.point).find(dimension.target.key)));
    tried.push_back(std::move(one));
  }
  constexpr std::int64_t attempts = 100;
  for (std::int64_t attempt = 0; attempt < attempts; ++attempt) {
    const auto at = tpe_.propose(tried, stream_of(seed_, points.size(), attempt));
    Value point = Value::map({});
    for (std::size_t d = 0; d < dimensions_.size(); ++d)
      point.set(dimensions_[d].target.key, dimensions_[d].value(at[d]));
    if (taken.count(point.canonical()) == 0) return point;
  }
  // A space of few different points, of which the good ones are used up.
  for (const auto& point : drawn_)
    if (taken.count(point.canonical()) == 0) return point;
  return drawn_.back();  // not reached: there are more drawn points than taken ones
}

}  // namespace varia::search
