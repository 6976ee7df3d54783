#include "analysis/statistics/estimates.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <iterator>
#include <numeric>

namespace varia::statistics {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kKeptWeights = std::size_t{1} << 20;  // 8 MiB

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

IqmBootstrap::IqmBootstrap(std::size_t count, std::size_t resamples, std::uint64_t seed)
    : count_(count), resamples_(resamples), seed_(seed) {
  if (count > kKeptWeights / resamples) return;
  weights_.resize(resamples * count);
  std::mt19937_64 engine(seed);
  for (std::size_t i = 0; i < resamples; ++i)
    draw(engine, std::span(weights_).subspan(i * count, count));
}

void IqmBootstrap::draw(std::mt19937_64& engine, std::span<double> weights) const {
  // Not by std::uniform_int_distribution, which every standard library writes differently.
  const auto index = [&] {
    return static_cast<std::size_t>(static_cast<double>(engine() >> 11U) * 0x1p-53 *
                                    static_cast<double>(count_));
  };
  std::fill(weights.begin(), weights.end(), 0.0);
  for (std::size_t i = 0; i < count_; ++i) weights[index()] += 1;
  const std::size_t first = count_ / 4;
  const std::size_t last = count_ - first;
  std::size_t place = 0;  // in the sorted resample
  for (double& weight : weights) {
    const std::size_t end = place + static_cast<std::size_t>(weight);
    const std::size_t from = std::max(place, first);
    const std::size_t to = std::min(end, last);
    weight = from < to ? static_cast<double>(to - from) / static_cast<double>(last - first) : 0.0;
    place = end;
  }
}

Interval IqmBootstrap::interval(std::span<const double> values, double confidence) const {
  const auto is_infinite = [](double value) { return !std::isfinite(value); };
  if (std::any_of(values.begin(), values.end(), is_infinite)) return {};
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> means(resamples_);
  if (weights_.empty()) {
    std::vector<double> weights(count_);
    std::mt19937_64 engine(seed_);
    for (double& value : means) {
      draw(engine, weights);
      value = std::inner_product(sorted.begin(), sorted.end(), weights.begin(), 0.0);
    }
  } else {
    for (std::size_t i = 0; i < resamples_; ++i) {
      means[i] =
          std::inner_product(sorted.begin(), sorted.end(), weights_.data() + i * count_, 0.0);
    }
  }
  std::sort(means.begin(), means.end());
  return {quantile(means, 0.5 - confidence / 2), quantile(means, 0.5 + confidence / 2)};
}

namespace {

std::vector<double> present(std::span<const double> values) {
  std::vector<double> found;
  found.reserve(values.size());
  std::copy_if(values.begin(), values.end(), std::back_inserter(found),
               [](double value) { return !std::isnan(value); });
  return found;
}

}  // namespace

Centre centre_of(std::size_t count) {
  return count < kBootstrapFrom ? Centre::mean : Centre::interquartile_mean;
}

Summary Summariser::operator()(std::span<const double> values) {
  return (*this)(values, centre_of(present(values).size()));
}

Summary Summariser::operator()(std::span<const double> values, Centre centre) {
  const auto found = present(values);
  Summary summary;
  summary.count = found.size();
  summary.missing = values.size() - found.size();
  summary.kind = centre;
  if (centre == Centre::mean || found.empty()) {
    summary.centre = mean(found);
    summary.interval = student_interval(found);
    return summary;
  }
  summary.centre = interquartile_mean(found);
  summary.interval =
      bootstraps_.try_emplace(found.size(), found.size()).first->second.interval(found);
  return summary;
}

}  // namespace varia::statistics
