#pragma once

#include <cstdint>

#include "varia/tensor.hpp"

namespace varia::training {

/// A mean over samples that come in parts, in float64.
struct RunningMean {
  double total = 0;   ///< each value times its weight
  double weight = 0;  ///< samples

  /// @param samples that `value` is the mean of
  void add(double value, std::int64_t samples) {
    total += value * static_cast<double>(samples);
    weight += static_cast<double>(samples);
  }
  double mean() const { return total / weight; }
};

/// Mean and variance of vectors, by parts: they are merged as Chan et al. (1983) do, so that no sum
/// of squares cancels.
class RunningVariance {
 public:
  /// @param rows [n, D]
  void add(const Tensor& rows);
  /// [D] float64; undefined before the first row.
  Tensor mean() const { return mean_; }
  /// [D] float64, divided by n as in Burda et al. 2016; undefined before the first row.
  Tensor variance() const {
    return count_ == 0 ? Tensor() : squares_ / static_cast<double>(count_);
  }

 private:
  std::int64_t count_ = 0;
  Tensor mean_;
  Tensor squares_;  // sums of squared distances from the mean
};

}  // namespace varia::training
