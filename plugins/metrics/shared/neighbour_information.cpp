#include "neighbour_information.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <span>
#include <vector>

namespace varia::metrics {

namespace {

/// The digamma function of whole numbers up to n.
class Digamma {
 public:
  explicit Digamma(std::size_t n) : values_(n + 1) {
    values_[0] = -std::numeric_limits<double>::infinity();
    double sum = -std::numbers::egamma;
    for (std::size_t i = 1; i <= n; ++i) {
      values_[i] = sum;
      sum += 1 / static_cast<double>(i);
    }
  }
  double operator()(std::size_t i) const { return values_[i]; }

 private:
  std::vector<double> values_;
};

/// One dimension, scaled and spread. [n]; empty if it does not vary.
std::vector<double> spread_column(const FactorCodes& codes, std::size_t dimension,
                                  const FillUniform& uniform) {
  constexpr double kSpread = 1e-10;
  const auto count = static_cast<double>(codes.count);
  double mean = 0, variance = 0, size = 0;
  for (std::size_t i = 0; i < codes.count; ++i) mean += codes.point(i, dimension) / count;
  for (std::size_t i = 0; i < codes.count; ++i)
    variance += std::pow(codes.point(i, dimension) - mean, 2) / count;
  if (!(variance > 0)) return {};
  std::vector<double> column;
  for (std::size_t i = 0; i < codes.count; ++i) {
    column.push_back(codes.point(i, dimension) / std::sqrt(variance));
    size += std::abs(column.back()) / count;
  }
  std::vector<float> numbers(codes.count);
  uniform(numbers);
  for (std::size_t i = 0; i < codes.count; ++i)
    column[i] += kSpread * std::max(1.0, size) * (static_cast<double>(numbers[i]) - 0.5);
  return column;
}

/// The distance of sorted[place] to its k-th nearest of the others, k below their number.
double distance_to_neighbour(std::span<const double> sorted, std::size_t place, std::size_t k) {
  std::size_t low = place, high = place;  // [low, high] are the nearest so far
  double distance = 0;
  for (; k > 0; --k) {
    const double below =
        low > 0 ? sorted[place] - sorted[low - 1] : std::numeric_limits<double>::infinity();
    const double above = high + 1 < sorted.size() ? sorted[high + 1] - sorted[place]
                                                  : std::numeric_limits<double>::infinity();
    distance = std::min(below, above);
    below <= above ? --low : ++high;
  }
  return distance;
}

/// How many of sorted numbers are nearer to `centre` than `distance`.
std::size_t nearer(const std::vector<double>& sorted, double centre, double distance) {
  // The same subtractions as gave the distance, or rounding would count the neighbour itself.
  const auto first = std::ranges::partition_point(
      sorted, [&](double number) { return centre - number >= distance; });
  const auto last = std::ranges::partition_point(
      sorted, [&](double number) { return number - centre < distance; });
  return first < last ? static_cast<std::size_t>(last - first) : 0;
}

/// @param groups the codes of each value of the factor, at least two each
double information(const std::vector<double>& column, const std::vector<Places>& groups,
                   std::size_t neighbours, const Digamma& digamma) {
  std::vector<std::vector<double>> by_value;
  std::vector<double> all;
  for (const auto& group : groups) {
    auto& sorted = by_value.emplace_back();
    for (const auto i : group) sorted.push_back(column[i]);
    std::ranges::sort(sorted);
    all.insert(all.end(), sorted.begin(), sorted.end());
  }
  std::ranges::sort(all);
  double sum = 0;
  for (const auto& sorted : by_value) {
    const auto k = std::min(neighbours, sorted.size() - 1);
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      const double distance = distance_to_neighbour(sorted, i, k);
      sum += digamma(k) - digamma(sorted.size()) -
             digamma(std::max<std::size_t>(nearer(all, sorted[i], distance), 1));
    }
  }
  return std::max(0.0, digamma(all.size()) + sum / static_cast<double>(all.size()));
}

double entropy(const FactorCodes& codes, std::size_t factor) {
  double entropy = 0;
  for (const auto& group : places_by_value(codes, factor, 1)) {
    const double part = static_cast<double>(group.size()) / static_cast<double>(codes.count);
    entropy -= part * std::log(part);
  }
  return entropy;
}

}  // namespace

FactorInformation neighbour_information(const FactorCodes& codes, std::int64_t neighbours,
                                        const FillUniform& uniform) {
  const Digamma digamma(codes.count);
  FactorInformation result{{codes.dimensions, codes.factor_count}, {}};
  std::vector<std::vector<Places>> groups;
  for (std::size_t f = 0; f < codes.factor_count; ++f) {
    groups.push_back(places_by_value(codes, f, 2));
    result.entropies.push_back(entropy(codes, f));
  }
  for (std::size_t d = 0; d < codes.dimensions; ++d) {
    const auto column = spread_column(codes, d, uniform);
    for (std::size_t f = 0; !column.empty() && f < codes.factor_count; ++f)
      if (groups[f].size() > 1)
        result.nats(d, f) =
            information(column, groups[f], static_cast<std::size_t>(neighbours), digamma);
  }
  return result;
}

}  // namespace varia::metrics
