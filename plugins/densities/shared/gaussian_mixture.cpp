#include "gaussian_mixture.hpp"

#include <ATen/Functions.h>

#include <cmath>
#include <numbers>

#include "points.hpp"

namespace varia::densities {

namespace {

/// C^(-1/2) (x - m): standard normal if x is from this component.
/// @returns [n, D]
Tensor whitened(const Tensor& centred, const Tensor& factor) {
  if (factor.dim() == 1) return centred / factor;
  return at::linalg_solve_triangular(factor, centred.t(), false).t();
}

}  // namespace

Tensor GaussianMixture::joint_log_prob(const Tensor& points) const {
  const auto diagonals = factors.dim() == 3 ? factors.diagonal(0, 1, 2) : factors;
  const auto constant = weights.log() - diagonals.log().sum(1) -
                        0.5 * static_cast<double>(dimensions()) * std::log(2 * std::numbers::pi);
  const auto result = at::empty({points.size(0), components()}, torch::kDouble);
  in_parts(points.size(0), dimensions(), kPart, [&](std::int64_t begin, std::int64_t end) {
    const auto part = points.slice(0, begin, end);
    for (std::int64_t k = 0; k < components(); ++k) {
      const auto distances = whitened(part - means[k], factors[k]).square().sum(1);
      result.slice(0, begin, end).select(1, k).copy_(constant[k] - 0.5 * distances);
    }
  });
  return result;
}

Tensor GaussianMixture::log_prob(const Tensor& points) const {
  const auto result = at::empty({points.size(0)}, torch::kDouble);
  in_parts(points.size(0), components(), kPart, [&](std::int64_t begin, std::int64_t end) {
    const auto joint = joint_log_prob(points.slice(0, begin, end));
    result.slice(0, begin, end).copy_(joint.logsumexp(1));
  });
  return result;
}

Tensor GaussianMixture::sample(std::int64_t n, Draw& draw) const {
  const auto component = draw_index(weights, n, draw);
  const auto noise = draw.normal({n, dimensions()}).to(torch::kCPU, torch::kDouble);
  auto result = means.index_select(0, component);
  if (factors.dim() == 2) return result + noise * factors.index_select(0, component);
  for (std::int64_t k = 0; k < components(); ++k) {
    const auto rows = component.eq(k).nonzero().flatten();
    result.index_add_(0, rows, noise.index_select(0, rows).matmul(factors[k].t()));
  }
  return result;
}

}  // namespace varia::densities
