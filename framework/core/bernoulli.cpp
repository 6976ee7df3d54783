#include <ATen/ExpandUtils.h>
#include <ATen/Functions.h>
#include <torch/csrc/autograd/custom_function.h>

#include "rsample_shape.hpp"
#include "varia/distributions.hpp"

namespace varia {

namespace {

class BernoulliLogProb final : public torch::autograd::Function<BernoulliLogProb> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& logits,
                        const Tensor& value) {
    context->save_for_backward({logits, value});
    return sum_event(value * logits - at::softplus(logits));
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto& logits = saved[0];
    auto outer = gradients[0];  // [K, B]
    while (outer.dim() < logits.dim()) outer = outer.unsqueeze(-1);
    return {(saved[1] - logits.sigmoid()).mul_(outer), Tensor()};
  }
};

}  // namespace

Bernoulli::Bernoulli(Tensor logits) : logits_(std::move(logits)) {}

Sample Bernoulli::rsample(Draw& draw) const {
  const auto uniform = draw.uniform(rsample_shape(logits_, draw.samples()));
  return {uniform.lt(logits_.sigmoid()).to(at::kFloat), {}};
}

Tensor Bernoulli::log_density(const Tensor& value) const {
  return value * logits_ - at::softplus(logits_);
}

Tensor Bernoulli::log_prob(const Tensor& value) const {
  // The one-node form does not sum gradients over broadcast logits.
  if (at::infer_size(logits_.sizes(), value.sizes()) != logits_.sizes())
    return Distribution::log_prob(value);
  return bernoulli_log_prob(logits_, value);
}

Tensor Bernoulli::variance() const {
  const auto mean = logits_.sigmoid();
  return mean * (1 - mean);
}

Tensor bernoulli_log_prob(const Tensor& logits, const Tensor& value) {
  return BernoulliLogProb::apply(logits, value);
}

}  // namespace varia
