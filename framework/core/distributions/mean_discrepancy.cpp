#include "varia/mean_discrepancy.hpp"

#include <ATen/Functions.h>

namespace varia {

namespace {

/// [n, m]. From differences, since |x|^2 + |y|^2 - 2 x y cancels for points that lie close.
Tensor squared_distances(const Tensor& x, const Tensor& y) {
  return (x.unsqueeze(1) - y.unsqueeze(0)).square().sum(-1);
}

Tensor likeness(const Tensor& squares, DiscrepancyKernel kernel,
                const std::vector<double>& scales) {
  auto sum = at::zeros_like(squares);
  for (const double scale : scales)
    sum = sum +
          (kernel == DiscrepancyKernel::rbf ? (squares / -scale).exp() : scale / (scale + squares));
  return sum;
}

/// The mean likeness of pairs from one set.
Tensor within(const Tensor& x, DiscrepancyKernel kernel, const std::vector<double>& scales,
              bool unbiased) {
  const auto pairs = likeness(squared_distances(x, x), kernel, scales);
  if (!unbiased) return pairs.mean();
  const auto n = static_cast<double>(x.size(0));
  // A point is as like itself as can be: 1 for every scale.
  return (pairs.sum() - n * static_cast<double>(scales.size())) / (n * (n - 1));
}

}  // namespace

Tensor squared_mean_discrepancy(const Tensor& x, const Tensor& y, DiscrepancyKernel kernel,
                                const std::vector<double>& scales, bool unbiased) {
  return within(x, kernel, scales, unbiased) + within(y, kernel, scales, unbiased) -
         2 * likeness(squared_distances(x, y), kernel, scales).mean();
}

}  // namespace varia
