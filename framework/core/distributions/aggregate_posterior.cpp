#include "varia/aggregate_posterior.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>

namespace varia {

Tensor pairwise_log_density(const Distribution& posterior, const Tensor& value) {
  // The draws take the place of K, so that every one meets all B sets of parameters.
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
  // One other image of each row stands for those that are not in the batch. Along a diagonal, so
  // that each image does so once.
  const double rest = std::log((size - others) / (size * others));
  weights.diagonal(1).fill_(rest);
  weights.diagonal(1 - batch).fill_(rest);
  return weights;
}

double weighted_log_weight(std::int64_t batch, std::int64_t data_size) {
  return -std::log(static_cast<double>(batch)) - std::log(static_cast<double>(data_size));
}

}  // namespace varia
