#include "varia/aggregate_posterior.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>

#include "varia/mean_discrepancy.hpp"

namespace varia {

namespace {

/// [n, m]. From differences, since |x|^2 + |y|^2 - 2 x y cancels for points that are close.
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

/// The mean likeness of the pairs of one set.
Tensor within(const Tensor& x, DiscrepancyKernel kernel, const std::vector<double>& scales,
              bool unbiased) {
  const auto pairs = likeness(squared_distances(x, x), kernel, scales);
  if (!unbiased) return pairs.mean();
  const auto n = static_cast<double>(x.size(0));
  // Without the pairs of a point with itself, whose likeness is 1 for every scale.
  return (pairs.sum() - n * static_cast<double>(scales.size())) / (n * (n - 1));
}

}  // namespace

Tensor pairwise_log_density(const Distribution& posterior, const Tensor& value) {
  // The draws take the place of K, so that each meets all B sets of parameters.
  return posterior.log_density(value.flatten(0, 1).unsqueeze(1));
}

AggregatePosterior aggregate_posterior(const Tensor& pairs, const Tensor& log_weights) {
  return {at::logsumexp(pairs.sum(-1) + log_weights, 1),
          at::logsumexp(pairs + log_weights.unsqueeze(-1), 1)};
}

Tensor stratified_log_weights(std::int64_t batch, std::int64_t data_size) {
  if (batch < 2) return at::zeros({batch, batch});
  const auto size = static_cast<double>(std::max(batch, data_size));
  const auto others = static_cast<double>(batch - 1);  // the paper's M
  auto weights = at::full({batch, batch}, -std::log(others));
  weights.diagonal().fill_(-std::log(size));
  // In each row, one other image stands for those that are not in the batch. These lie on a
  // diagonal, so that each image does so once.
  const double rest = std::log((size - others) / (size * others));
  weights.diagonal(1).fill_(rest);
  weights.diagonal(1 - batch).fill_(rest);
  return weights;
}

double weighted_log_weight(std::int64_t batch, std::int64_t data_size) {
  return -std::log(static_cast<double>(batch)) - std::log(static_cast<double>(data_size));
}

Tensor squared_mean_discrepancy(const Tensor& x, const Tensor& y, DiscrepancyKernel kernel,
                                const std::vector<double>& scales, bool unbiased) {
  return within(x, kernel, scales, unbiased) + within(y, kernel, scales, unbiased) -
         2 * likeness(squared_distances(x, y), kernel, scales).mean();
}

}  // namespace varia
