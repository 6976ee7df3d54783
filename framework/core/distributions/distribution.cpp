#include "varia/distribution.hpp"

#include <ATen/Functions.h>
#include <torch/csrc/autograd/custom_function.h>

#include "core/distributions/distribution_support.hpp"
#include "varia/error.hpp"

namespace varia {

Distribution::~Distribution() = default;

Range Distribution::support() const { return {}; }

Tensor Distribution::log_prob(const Tensor& value) const { return sum_event(log_density(value)); }

Tensor Distribution::mean_given(const Tensor&, const Tensor&) const { return mean(); }

Tensor Distribution::mode() const { return mean(); }

Tensor Distribution::log_prob_of_observed(const Tensor& value, const Tensor& mask) const {
  if (!mask.defined()) return log_prob(value);
  const auto density = log_density(value);
  if (density.sizes().slice(1) != mask.sizes()) {
    throw Error("the likelihood " + std::string(family()) +
                " has no density of single numbers, so that missing values cannot be left out; "
                "use another likelihood, or data without missing values");
  }
  return sum_event(density.masked_fill(mask.logical_not(), 0));
}

Tensor Distribution::mean() const { return {}; }

Tensor Distribution::variance() const { return {}; }

std::vector<std::pair<std::string, Tensor>> Distribution::parameters() const {
  std::vector<std::pair<std::string, Tensor>> known;
  if (auto mean = this->mean(); mean.defined()) known.emplace_back("mean", std::move(mean));
  if (auto variance = this->variance(); variance.defined())
    known.emplace_back("variance", std::move(variance));
  return known;
}

Tensor Distribution::kl_to(const Distribution&) const { return {}; }

Tensor sum_event(const Tensor& values) {
  return values.dim() == 3 ? values.sum(-1) : values.flatten(2).sum(-1);
}

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

class WeightedError final : public torch::autograd::Function<WeightedError> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& mean, const Tensor& weight,
                        const Tensor& value, std::int64_t error) {
    context->save_for_backward({mean, weight, value});
    context->saved_data["error"] = error;
    const auto memory = EventRows::of(mean, value).value();
    auto result = at::empty({mean.size(0), mean.size(1)}, mean.options());
    kernels::kernels().weighted_error(static_cast<kernels::Error>(error), mean.data_ptr<float>(),
                                      value.data_ptr<float>(), weight.data_ptr<float>(),
                                      result.data_ptr<float>(), memory.rows, memory.value_rows,
                                      memory.columns);
    return result;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto& mean = saved[0];
    const auto& weight = saved[1];
    const auto& value = saved[2];
    const auto error = static_cast<kernels::Error>(context->saved_data["error"].toInt());
    if (at::GradMode::is_enabled() || !is_plain_float(gradients[0]))
      return differentiable_backward(error, mean, weight, value, gradients[0]);
    const auto memory = EventRows::of(mean, value).value();
    const auto outer = gradients[0].contiguous();  // [K, B]
    const auto to_mean = at::empty_like(mean);
    const auto to_weight = context->needs_input_grad(1) ? at::empty_like(weight) : Tensor();
    kernels::kernels().weighted_error_backward(
        error, mean.data_ptr<float>(), value.data_ptr<float>(), weight.data_ptr<float>(),
        outer.data_ptr<float>(), to_mean.data_ptr<float>(),
        to_weight.defined() ? to_weight.data_ptr<float>() : nullptr, memory.rows, memory.value_rows,
        memory.columns);
    return {to_mean, to_weight, Tensor(), Tensor()};
  }

 private:
  /// Made of operators, so that it can be differentiated again.
  static variable_list differentiable_backward(kernels::Error error, const Tensor& mean,
                                               const Tensor& weight, const Tensor& value,
                                               const Tensor& gradient) {
    const auto outer = over_event(gradient, mean);
    const auto difference = mean - value;
    const bool is_square = error == kernels::Error::square;
    const auto derivative = is_square ? 2 * difference : difference.sign();
    const auto errors = is_square ? difference.square() : difference.abs();
    return {outer * weight * derivative, (outer * errors).sum_to_size(weight.sizes()), Tensor(),
            Tensor()};
  }
};

/// True for one number, and for one number per element of the event.
bool is_of_event(const Tensor& scale, const Tensor& mean) {
  if (scale.numel() == 1) return true;
  const auto event = mean.sizes().slice(2);
  auto sizes = scale.sizes();
  while (sizes.size() > event.size() && sizes.front() == 1) sizes = sizes.slice(1);
  return sizes == event;
}

}  // namespace

std::optional<Tensor> weighted_error(kernels::Error error, const Tensor& mean,
                                     const Tensor& log_scale, const Tensor& value) {
  if (!EventRows::of(mean, value) || !is_plain_float(log_scale) || value.requires_grad() ||
      !is_of_event(log_scale, mean))
    return {};
  // Of a batch of one image, a scale of [K, B, E] is one of the event, too.
  const auto event = mean.sizes().slice(2);
  const auto scale = (-log_scale).exp();
  const auto weight =
      scale.reshape(scale.numel() == 1 ? at::IntArrayRef() : event).expand(event).contiguous();
  return WeightedError::apply(mean.contiguous(), weight, value, static_cast<std::int64_t>(error));
}

}  // namespace varia
