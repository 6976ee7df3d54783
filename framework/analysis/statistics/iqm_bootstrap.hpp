#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "analysis/statistics/interval.hpp"

namespace varia::statistics {

/// The percentile bootstrap of the inter-quartile mean (Efron 1979; Agarwal et al. 2021) for
/// samples of one size.
///
/// Resamples of sorted values differ only in how often each value is drawn. What that makes of the
/// inter-quartile mean is a weight for each value, the same for all samples of the size; so the
/// weights are found once, and an interval costs `resamples` scalar products.
class IqmBootstrap {
 public:
  static constexpr std::size_t kResamples = 2000;

  /// @param count values in a sample, at least 1
  explicit IqmBootstrap(std::size_t count, std::size_t resamples = kResamples,
                        std::uint64_t seed = 0);

  /// @param values `count` of them, none NaN, in any order
  /// @returns none where a value is infinite
  Interval interval(std::span<const double> values, double confidence = 0.95) const;

 private:
  void draw(std::mt19937_64& engine, std::span<double> weights) const;

  std::size_t count_;
  std::size_t resamples_;
  std::uint64_t seed_;
  std::vector<double> weights_;  // [resamples, count]; empty where they would take much memory
};

}  // namespace varia::statistics
