#include "analysis/statistics/iqm_bootstrap.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/statistics/location.hpp"

namespace varia::statistics {

namespace {

constexpr std::size_t kKeptWeights = std::size_t{1} << 20;  // 8 MiB

}  // namespace

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

}  // namespace varia::statistics
