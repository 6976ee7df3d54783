#include "analysis/sample.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "analysis/statistics/location.hpp"

namespace varia::analysis {

namespace {

/// The mean of those that are there; NaN of none.
double mean_of_present(std::vector<double> values) {
  values.erase(
      std::remove_if(values.begin(), values.end(), [](double value) { return std::isnan(value); }),
      values.end());
  return statistics::mean(values);
}

/// Means over the seeds of which both values are there.
std::pair<double, double> shared_means(const SharedSeeds& shared) {
  std::vector<double> a, b;
  for (std::size_t i = 0; i < shared.a.size(); ++i) {
    if (std::isnan(shared.a[i]) || std::isnan(shared.b[i])) continue;
    a.push_back(shared.a[i]);
    b.push_back(shared.b[i]);
  }
  return {statistics::mean(a), statistics::mean(b)};
}

}  // namespace

std::vector<double> Sample::values() const {
  if (!is_pooled) return places.front().replicates.values();
  std::vector<double> means;
  for (const auto& place : places) means.push_back(mean_of_present(place.replicates.values()));
  return means;
}

Holes Sample::holes() const {
  Holes sum;
  for (const auto& place : places) sum += place.replicates.holes;
  return sum;
}

std::size_t Sample::repeated() const {
  std::size_t sum = 0;
  for (const auto& place : places) sum += place.replicates.repeated;
  return sum;
}

Sample take_sample(const results::Results& results, std::span<const double> values,
                   const Group& group, const std::set<std::int64_t>& expected) {
  Sample sample;
  sample.is_pooled = !group.places.empty();
  if (!sample.is_pooled)
    sample.places.push_back({{}, gather_replicates(results, values, group.trials, expected)});
  for (const auto& place : group.places)
    sample.places.push_back(
        {place.values, gather_replicates(results, values, place.trials, expected)});
  return sample;
}

Pairs shared_values(const Sample& a, const Sample& b) {
  if (!a.is_pooled || !b.is_pooled) {
    auto shared = shared_seeds(a.places.front().replicates, b.places.front().replicates);
    return {std::move(shared.a), std::move(shared.b)};
  }
  Pairs pairs;
  for (const auto& place : a.places) {
    const auto other = std::find_if(b.places.begin(), b.places.end(), [&](const auto& candidate) {
      return candidate.pooled == place.pooled;
    });
    if (other == b.places.end()) continue;
    const auto means = shared_means(shared_seeds(place.replicates, other->replicates));
    pairs.a.push_back(means.first);
    pairs.b.push_back(means.second);
  }
  return pairs;
}

}  // namespace varia::analysis
