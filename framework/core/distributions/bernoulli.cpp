#include <ATen/ExpandUtils.h>
#include <ATen/Functions.h>
#include <torch/csrc/autograd/custom_function.h>

#include <optional>

#include "core/distributions/distribution_support.hpp"
#include "core/plain_memory.hpp"
#include "varia/distributions.hpp"

namespace varia {

namespace {

std::optional<EventRows> rows_of_memory(const Tensor& logits, const Tensor& value) {
  return is_packed_float(logits) ? EventRows::of(logits, value) : std::nullopt;
}

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// No gradient flows to the value.
class BernoulliLogProb final : public torch::autograd::Function<BernoulliLogProb> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& logits, const Tensor& value) {
    context->save_for_backward({logits, value});
    const auto memory = rows_of_memory(logits, value);
    if (!memory) return sum_event(value * logits - at::softplus(logits));
    auto result = at::empty({logits.size(0), logits.size(1)}, logits.options());
    kernels::kernels().bernoulli_log_prob(logits.data_ptr<float>(), value.data_ptr<float>(),
                                          result.data_ptr<float>(), memory->rows,
                                          memory->value_rows, memory->columns);
    return result;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto& logits = saved[0];
    const auto& value = saved[1];
    const auto memory = rows_of_memory(logits, value);
    // Only a gradient that is made of operators can be differentiated again.
    if (memory && !at::GradMode::is_enabled() && is_plain_float(gradients[0])) {
      const auto outer = gradients[0].contiguous();  // [K, B]
      auto result = at::empty_like(logits);
      kernels::kernels().bernoulli_log_prob_backward(
          logits.data_ptr<float>(), value.data_ptr<float>(), outer.data_ptr<float>(),
          result.data_ptr<float>(), memory->rows, memory->value_rows, memory->columns);
      return {result, Tensor()};
    }
    return {(value - logits.sigmoid()).mul_(over_event(gradients[0], logits)), Tensor()};
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
  // The one-node form does not sum gradients over broadcast logits, and has none of the value.
  if (value.requires_grad() || at::infer_size(logits_.sizes(), value.sizes()) != logits_.sizes())
    return Distribution::log_prob(value);
  return BernoulliLogProb::apply(logits_, value);
}

Tensor Bernoulli::variance() const {
  const auto mean = logits_.sigmoid();
  return mean * (1 - mean);
}

}  // namespace varia
