#include "feature_distances.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <vector>

#include "gaussian_correlation.hpp"

namespace varia::metrics {

namespace {

constexpr std::int64_t kRows = 500;  // of a matrix of all pairs, at once

Tensor as_points(const Tensor& points) { return points.to(at::kCPU, at::kDouble); }

/// Calls `visit(begin, rows)` for parts of the rows, in order.
template <class Visit>
void for_each_part(const Tensor& rows, const Visit& visit) {
  for (std::int64_t begin = 0; begin < rows.size(0); begin += kRows)
    visit(begin, rows.slice(0, begin, std::min(begin + kRows, rows.size(0))));
}

/// The kernel of inner products, put in their place.
Tensor cubic_kernel(const Tensor& products, std::int64_t dimensions) {
  products.div_(static_cast<double>(dimensions)).add_(1);
  return products.square().mul_(products);
}

/// The sum of the kernel over all pairs.
double kernel_sum(const Tensor& x, const Tensor& y) {
  double sum = 0;
  for_each_part(x, [&](std::int64_t, const Tensor& rows) {
    sum += cubic_kernel(rows.matmul(y.t()), x.size(1)).sum().item<double>();
  });
  return sum;
}

/// The mean of the kernel over all pairs of two different points.
double mean_of_others(const Tensor& x) {
  const auto same = cubic_kernel(x.square().sum(1), x.size(1)).sum().item<double>();
  const auto n = static_cast<double>(x.size(0));
  return (kernel_sum(x, x) - same) / (n * (n - 1));
}

/// [n, m]
Tensor squared_distances(const Tensor& x, const Tensor& y) {
  return at::addmm(x.square().sum(1, true) + y.square().sum(1), x, y.t(), 1, -2);
}

/// [n] squared distances to the k-th nearest neighbour.
Tensor squared_radii(const Tensor& points, std::int64_t neighbours) {
  std::vector<Tensor> radii;
  for_each_part(points, [&](std::int64_t, const Tensor& rows) {
    // The nearest one of all is the point itself.
    radii.push_back(std::get<0>(squared_distances(rows, points).kthvalue(neighbours + 1, 1)));
  });
  return at::cat(radii);
}

}  // namespace

Tensor frechet_distance(const Tensor& x, const Tensor& y) {
  const auto of_x = covariance(x), of_y = covariance(y);
  // (C1 C2)^1/2 has the trace of the root of C1^1/2 C2 C1^1/2, which is symmetric.
  const auto decomposition = at::linalg_eigh(of_x);
  const auto& vectors = std::get<1>(decomposition);
  const auto root = vectors * std::get<0>(decomposition).clamp_min(0).sqrt();
  const auto apart = as_points(x).mean(0) - as_points(y).mean(0);
  return apart.square().sum() + of_x.diagonal().sum() + of_y.diagonal().sum() -
         2 * trace_of_root(root.t().matmul(of_y).matmul(root));
}

Tensor kernel_distance(const Tensor& x, const Tensor& y) {
  const auto first = as_points(x), second = as_points(y);
  const auto pairs = static_cast<double>(first.size(0)) * static_cast<double>(second.size(0));
  return at::scalar_tensor(
      mean_of_others(first) + mean_of_others(second) - 2 * kernel_sum(first, second) / pairs,
      at::kDouble);
}

Overlap overlap(const Tensor& real, const Tensor& generated, std::int64_t neighbours) {
  // Products of numbers around zero lose fewer digits of the distances.
  const auto centre = as_points(real).mean(0);
  const auto known = as_points(real) - centre, made = as_points(generated) - centre;
  const auto of_known = squared_radii(known, neighbours).unsqueeze(1);
  const auto of_made = squared_radii(made, neighbours);
  auto balls = at::zeros({made.size(0)}, at::kLong);  // of real points, around each generated one
  std::int64_t recalled = 0, covered = 0;
  for_each_part(known, [&](std::int64_t begin, const Tensor& rows) {
    const auto distances = squared_distances(rows, made);
    const auto inside = distances.lt(of_known.slice(0, begin, begin + rows.size(0)));
    balls += inside.sum(0);
    covered += inside.any(1).sum().item<std::int64_t>();
    recalled += distances.lt(of_made).any(1).sum().item<std::int64_t>();
  });
  const auto n = static_cast<double>(known.size(0));
  return {.precision = balls.gt(0).to(at::kDouble).mean().item<double>(),
          .recall = static_cast<double>(recalled) / n,
          .density = balls.to(at::kDouble).mean().item<double>() / static_cast<double>(neighbours),
          .coverage = static_cast<double>(covered) / n};
}

}  // namespace varia::metrics
