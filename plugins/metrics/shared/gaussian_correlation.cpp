#include "gaussian_correlation.hpp"

#include <ATen/Functions.h>

#include <limits>

namespace varia::metrics {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Tensor constant(double value) { return at::scalar_tensor(value, at::kDouble); }

}  // namespace

Tensor covariance(const Tensor& points) {
  const auto all = points.to(at::kCPU, at::kDouble);
  const auto centred = all - all.mean(0);
  return centred.t().matmul(centred) / static_cast<double>(all.size(0) - 1);
}

Tensor trace_of_root(const Tensor& matrix) {
  if (!matrix.isfinite().all().item<bool>()) return constant(kNaN);
  return at::linalg_eigvalsh(matrix).clamp_min(0).sqrt().sum();
}

Tensor gaussian_total_correlation(const Tensor& covariance) {
  const auto deviations = covariance.diagonal().sqrt();
  const auto correlation = covariance / (deviations.unsqueeze(1) * deviations);
  if (!correlation.isfinite().all().item<bool>()) return constant(kNaN);
  const auto values = at::linalg_eigvalsh(correlation);
  // Rounding leaves something of an eigenvalue that is 0.
  const double rounding = static_cast<double>(values.numel()) *
                          std::numeric_limits<double>::epsilon() * values.max().item<double>();
  if (values.min().item<double>() <= rounding)
    return constant(std::numeric_limits<double>::infinity());
  return -0.5 * values.log().sum();
}

Tensor gaussian_wasserstein_correlation(const Tensor& covariance) {
  // tr(A + B - 2 (A^1/2 B A^1/2)^1/2), of which the last has the eigenvalues of B^1/2 A B^1/2.
  const auto deviations = covariance.diagonal().sqrt();
  const auto product = deviations.unsqueeze(1) * covariance * deviations;
  return 2 * covariance.diagonal().sum() - 2 * trace_of_root(product);
}

}  // namespace varia::metrics
