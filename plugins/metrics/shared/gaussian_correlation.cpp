#include "gaussian_correlation.hpp"

#include <ATen/Functions.h>

namespace varia::metrics {

Tensor covariance(const Tensor& points) {
  const auto all = points.to(at::kCPU, at::kDouble);
  const auto centred = all - all.mean(0);
  return centred.t().matmul(centred) / static_cast<double>(all.size(0) - 1);
}

Tensor trace_of_root(const Tensor& matrix) {
  return at::linalg_eigvalsh(matrix).clamp_min(0).sqrt().sum();
}

Tensor gaussian_total_correlation(const Tensor& covariance) {
  return 0.5 * (covariance.diagonal().log().sum() - std::get<1>(at::slogdet(covariance)));
}

Tensor gaussian_wasserstein_correlation(const Tensor& covariance) {
  // tr(A + B - 2 (A^1/2 B A^1/2)^1/2), of which the last has the eigenvalues of B^1/2 A B^1/2.
  const auto deviations = covariance.diagonal().sqrt();
  const auto product = deviations.unsqueeze(1) * covariance * deviations;
  return 2 * covariance.diagonal().sum() - 2 * trace_of_root(product);
}

}  // namespace varia::metrics
