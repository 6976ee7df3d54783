#pragma once

#include "varia/tensor.hpp"

namespace varia::metrics {

/// Multinomial logistic regression with a ridge on the weights, for any number of classes, two
/// among them: the minimum of (sum of cross-entropies) + ||W||^2 / 2, the intercepts free. The same
/// as scikit-learn's LogisticRegression(multi_class="multinomial") with C = 1.
class LogisticRegression {
 public:
  /// When to stop: as soon as no number of the gradient of the mean objective is larger.
  struct Limits {
    std::int64_t iterations;
    double gradient;
  };
  static constexpr Limits kToTheEnd{1000, 1e-8};
  /// The defaults of scikit-learn, by which published scores were measured. They are too few
  /// iterations for many data sets, and accuracies hardly differ.
  static constexpr Limits kScikitLearn{100, 1e-4};

  /// By L-BFGS in float64 with all points at once, until a limit is reached or nothing is gained
  /// any more.
  /// @param points  [n, D] float64 on the CPU; not standardised
  /// @param labels  [n] int64
  /// @param classes labels are 0 .. classes-1; a class without a point has probability 0
  LogisticRegression(const Tensor& points, const Tensor& labels, std::int64_t classes,
                     const Limits& limits = kToTheEnd);
  /// @param points [m, D]
  /// @returns      [m, classes]
  Tensor probabilities(const Tensor& points) const;

 private:
  Tensor seen_;     // [C] the classes that have a point
  Tensor weights_;  // [D + 1, C], the intercepts last
  std::int64_t classes_;
};

}  // namespace varia::metrics
