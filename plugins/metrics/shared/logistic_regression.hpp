#pragma once

#include "varia/tensor.hpp"

namespace varia::metrics {

/// Multinomial logistic regression with a ridge on the weights, for any number of classes, two
/// among them: the minimum of (sum of cross-entropies) + ||W||^2 / 2, the intercepts free. The same
/// as scikit-learn's LogisticRegression(multi_class="multinomial") with C = 1.
class LogisticRegression {
 public:
  /// By L-BFGS in float64 with all points at once, until the gradient of the mean objective is
  /// below 1e-8 or nothing is gained any more.
  /// @param points  [n, D] float64 on the CPU; not standardised
  /// @param labels  [n] int64
  /// @param classes labels are 0 .. classes-1; a class without a point has probability 0
  LogisticRegression(const Tensor& points, const Tensor& labels, std::int64_t classes);
  /// @param points [m, D]
  /// @returns      [m, classes]
  Tensor probabilities(const Tensor& points) const;

 private:
  Tensor seen_;     // [C] the classes that have a point
  Tensor weights_;  // [D + 1, C], the intercepts last
  std::int64_t classes_;
};

}  // namespace varia::metrics
