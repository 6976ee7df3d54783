#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "results/records.hpp"
#include "varia/tensor.hpp"

namespace varia::training {

/// Sample-weighted running means of named scalars, in float64.
class RunningMeans {
 public:
  struct Sum {
    double total = 0;
    double weight = 0;
  };
  RunningMeans() = default;
  /// Resumes from `sums()`.
  explicit RunningMeans(std::map<std::string, Sum> sums) : sums_(std::move(sums)) {}

  /// @param weight images that `value` is the mean of
  void add(const std::string& name, double value, std::int64_t weight);
  /// The means so far, by name.
  std::map<std::string, results::Array> means() const;
  /// What was added so far: each value times its weight, and the weights.
  const std::map<std::string, Sum>& sums() const { return sums_; }

 private:
  std::map<std::string, Sum> sums_;
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

/// A tensor of numbers, copied into plain values.
results::Array to_array(const Tensor& tensor);

}  // namespace varia::training
