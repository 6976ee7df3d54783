#include "analysis/statistics/location.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>
#include <vector>

namespace varia::statistics {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

}  // namespace

double mean(std::span<const double> values) {
  if (values.empty()) return kNaN;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double standard_deviation(std::span<const double> values) {
  if (values.size() < 2) return kNaN;
  const double centre = mean(values);
  double sum = 0;
  for (const double value : values) sum += (value - centre) * (value - centre);
  return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

double interquartile_mean(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const std::size_t dropped = sorted.size() / 4;
  return mean(std::span(sorted).subspan(dropped, sorted.size() - 2 * dropped));
}

double quantile(std::span<const double> sorted, double q) {
  const double place = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double part = place - static_cast<double>(below);
  if (part == 0 || sorted[below] == sorted[above]) return sorted[below];
  return sorted[below] + part * (sorted[above] - sorted[below]);
}

Interval student_interval(std::span<const double> values, double confidence) {
  const double deviation = standard_deviation(values);
  if (!std::isfinite(deviation)) return {};
  const auto count = static_cast<double>(values.size());
  const boost::math::students_t distribution(count - 1);
  const double half_width =
      boost::math::quantile(distribution, 0.5 + confidence / 2) * deviation / std::sqrt(count);
  const double centre = mean(values);
  return {centre - half_width, centre + half_width};
}

}  // namespace varia::statistics
