#include "principal_components.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <vector>

namespace varia::views {

namespace {
constexpr std::int64_t kRowsAtOnce = 1000;
}

Tensor principal_components(const PointRows& rows, std::int64_t count) {
  const auto each_part = [&](const auto& use) {
    for (std::int64_t begin = 0; begin < count; begin += kRowsAtOnce)
      use(rows(begin, std::min(begin + kRowsAtOnce, count)).to(at::kCPU, at::kDouble));
  };
  // Sums about the first part's mean: nothing is lost where the points lie far from zero.
  Tensor origin, sum, products;
  each_part([&](const Tensor& part) {
    if (!origin.defined()) {
      origin = part.mean(0);
      sum = at::zeros_like(origin);
      products = at::zeros({part.size(1), part.size(1)}, part.options());
    }
    const auto moved = part - origin;
    sum += moved.sum(0);
    products.addmm_(moved.t(), moved);
  });
  const auto number = static_cast<double>(count);
  const auto mean = origin + sum / number;
  const auto covariance = products / number - at::outer(sum / number, sum / number);
  const auto vectors = std::get<1>(at::linalg_eigh(covariance));  // by rising variance
  const auto found = std::min<std::int64_t>(2, vectors.size(1));
  auto axes = vectors.slice(1, vectors.size(1) - found).flip(1);
  axes = axes * axes.gather(0, axes.abs().argmax(0, true)).sign();

  auto projected = at::zeros({count, 2}, at::kDouble);
  std::int64_t done = 0;
  each_part([&](const Tensor& part) {
    projected.slice(0, done, done + part.size(0))
        .slice(1, 0, found)
        .copy_((part - mean).matmul(axes));
    done += part.size(0);
  });
  return projected;
}

}  // namespace varia::views
