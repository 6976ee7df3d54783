#include "logistic_regression.hpp"

#include <ATen/Functions.h>
#include <torch/optim/lbfgs.h>

#include <tuple>
#include <vector>

namespace varia::metrics {

namespace {

Tensor with_ones(const Tensor& points) {
  return at::cat({points, at::ones({points.size(0), 1}, points.options())}, 1);
}

/// The mean objective, and its gradient put into `weights`.
Tensor evaluate(Tensor& weights, const Tensor& inputs, const Tensor& targets) {
  const at::NoGradGuard no_grad;
  const auto n = static_cast<double>(inputs.size(0));
  auto ridge = weights.clone();
  ridge[-1].zero_();
  const auto log_probabilities = inputs.matmul(weights).log_softmax(1);
  const auto cross_entropy = -(log_probabilities * targets).sum();
  const auto residual = log_probabilities.exp() - targets;
  weights.mutable_grad() = (inputs.t().matmul(residual) + ridge) / n;
  return (cross_entropy + 0.5 * ridge.square().sum()) / n;
}

}  // namespace

LogisticRegression::LogisticRegression(const Tensor& points, const Tensor& labels,
                                       std::int64_t classes, const Limits& limits)
    : classes_(classes) {
  Tensor places;
  std::tie(seen_, places) = at::_unique(labels, true, true);
  const auto inputs = with_ones(points);
  const auto targets = at::zeros({points.size(0), seen_.size(0)}, points.options())
                           .scatter_(1, places.unsqueeze(1), 1);
  weights_ = at::zeros({inputs.size(1), seen_.size(0)}, points.options());
  torch::optim::LBFGS optimizer(std::vector<Tensor>{weights_}, torch::optim::LBFGSOptions(1)
                                                                   .max_iter(limits.iterations)
                                                                   .max_eval(2 * limits.iterations)
                                                                   .tolerance_grad(limits.gradient)
                                                                   .tolerance_change(1e-14)
                                                                   .history_size(20)
                                                                   .line_search_fn("strong_wolfe"));
  optimizer.step([&] { return evaluate(weights_, inputs, targets); });
  weights_.mutable_grad() = Tensor();
}

Tensor LogisticRegression::probabilities(const Tensor& points) const {
  const auto seen = with_ones(points).matmul(weights_).softmax(1);
  return at::zeros({points.size(0), classes_}, seen.options()).index_copy_(1, seen_, seen);
}

}  // namespace varia::metrics
