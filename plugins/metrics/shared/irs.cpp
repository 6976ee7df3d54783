#include "irs.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace varia::metrics {

namespace {

double mean(const FactorCodes& codes, std::size_t dimension, const Places& places) {
  double sum = 0;
  for (const auto i : places) sum += codes.point(i, dimension);
  return sum / static_cast<double>(places.size());
}

/// @param numbers not empty; their order changes
double quantile_of(std::vector<double>& numbers, double quantile) {
  const double at = quantile * static_cast<double>(numbers.size() - 1);
  const auto below = numbers.begin() + static_cast<std::ptrdiff_t>(std::floor(at));
  std::nth_element(numbers.begin(), below, numbers.end());
  if (below + 1 == numbers.end()) return *below;
  const double above = *std::min_element(below + 1, numbers.end());
  return *below + (at - std::floor(at)) * (above - *below);
}

/// The values of factors in at most `bins` equal intervals.
FactorCodes with_bins(FactorCodes codes, std::int64_t bins) {
  for (std::size_t f = 0; f < codes.factor_count; ++f) {
    const auto values = codes.values(f);
    if (values <= bins) continue;
    for (std::size_t i = 0; i < codes.count; ++i) {
      auto& value = codes.factors[i * codes.factor_count + f];
      value = std::min(value * bins / (values - 1), bins - 1);
    }
  }
  return codes;
}

}  // namespace

double interventional_robustness(const FactorCodes& codes, double quantile, std::int64_t bins) {
  const auto binned = with_bins(codes, bins);
  std::vector<std::vector<Places>> groups;  // of each factor
  for (const auto f : varying_factors(binned)) groups.push_back(places_by_value(binned, f, 1));
  if (groups.empty()) return std::numeric_limits<double>::quiet_NaN();
  Places all(codes.count);
  for (std::size_t i = 0; i < codes.count; ++i) all[i] = i;

  double sum = 0, weights = 0;
  std::vector<double> distances;
  for (std::size_t d = 0; d < codes.dimensions; ++d) {
    const auto distances_of = [&](const Places& places) {
      const double centre = mean(codes, d, places);
      distances.clear();
      for (const auto i : places) distances.push_back(std::abs(codes.point(i, d) - centre));
    };
    distances_of(all);
    const double farthest = std::ranges::max(distances);
    if (farthest == 0) continue;
    double best = -std::numeric_limits<double>::infinity();
    for (const auto& of_factor : groups) {
      double moved = 0;
      for (const auto& group : of_factor) {
        distances_of(group);
        moved += quantile_of(distances, quantile);
      }
      best = std::max(best, 1 - moved / static_cast<double>(of_factor.size()) / farthest);
    }
    sum += farthest * best;
    weights += farthest;
  }
  return weights > 0 ? sum / weights : 0;
}

}  // namespace varia::metrics
