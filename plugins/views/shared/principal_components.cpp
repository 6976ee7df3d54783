#include "principal_components.hpp"

#include <ATen/Functions.h>

#include <algorithm>

namespace varia::views {

namespace {

constexpr std::int64_t kRowsAtOnce = 1000;

/// [n, D] float64: the points from `begin` on that are made at once.
Tensor part_of(const PointRows& rows, std::int64_t begin, std::int64_t count) {
  return rows(begin, std::min(begin + kRowsAtOnce, count)).to(at::kCPU, at::kDouble);
}

}  // namespace

std::pair<Tensor, Tensor> principal_axes(const PointRows& rows, std::int64_t count,
                                         const Tensor& origin, std::int64_t axes) {
  auto sum = at::zeros_like(origin);
  auto products = at::zeros({origin.size(0), origin.size(0)}, at::kDouble);
  for (std::int64_t begin = 0; begin < count; begin += kRowsAtOnce) {
    const auto moved = part_of(rows, begin, count) - origin;
    sum += moved.sum(0);
    products.addmm_(moved.t(), moved);
  }
  const auto number = static_cast<double>(count);
  const auto covariance = products / number - at::outer(sum / number, sum / number);
  const auto vectors = std::get<1>(at::linalg_eigh(covariance));  // by rising variance
  return {origin + sum / number, vectors.slice(1, vectors.size(1) - axes)};
}

Tensor principal_components(const PointRows& rows, std::int64_t count) {
  const auto origin = part_of(rows, 0, count).mean(0);
  const auto found = std::min<std::int64_t>(2, origin.size(0));
  const auto [mean, rising] = principal_axes(rows, count, origin, found);
  auto axes = rising.flip(1);
  axes = axes * axes.gather(0, axes.abs().argmax(0, true)).sign();
  auto projected = at::zeros({count, 2}, at::kDouble);
  for (std::int64_t begin = 0; begin < count; begin += kRowsAtOnce) {
    const auto part = part_of(rows, begin, count);
    projected.slice(0, begin, begin + part.size(0))
        .slice(1, 0, found)
        .copy_((part - mean).matmul(axes));
  }
  return projected;
}

}  // namespace varia::views
