#include <ATen/Functions.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <numbers>
#include <optional>
#include <vector>

#include "core/distributions/distribution_support.hpp"
#include "core/plain_memory.hpp"
#include "varia/distributions.hpp"

namespace varia {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Mean and log-variance as rows of memory.
struct NormalRows {
  kernels::Rows mean, log_var;
  std::int64_t rows, columns;

  /// nullopt if their shapes differ or they are not evenly spaced rows.
  static std::optional<NormalRows> of(const Tensor& mean, const Tensor& log_var) {
    const auto first = rows_of(mean);
    const auto second = rows_of(log_var);
    if (!first || !second || mean.sizes() != log_var.sizes()) return {};
    return NormalRows{*first, *second, mean.numel() / mean.size(-1), mean.size(-1)};
  }
};

/// mean + e^(log_var / 2) noise, all of one shape.
class NormalDraw final : public torch::autograd::Function<NormalDraw> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& mean, const Tensor& log_var,
                        const Tensor& noise) {
    context->save_for_backward({log_var, noise});
    const auto memory = NormalRows::of(mean, log_var);
    auto result = at::empty(mean.sizes(), mean.options());
    kernels::kernels().normal_draw(memory->mean, memory->log_var, noise.data_ptr<float>(),
                                   result.data_ptr<float>(), memory->rows, memory->columns);
    return result;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto& log_var = saved[0];
    const auto& noise = saved[1];
    if (at::GradMode::is_enabled() || !is_plain_float(gradients[0]))
      return {gradients[0], 0.5 * gradients[0] * noise * (0.5 * log_var).exp(), Tensor()};
    const auto outer = gradients[0].contiguous();
    auto result = at::empty(log_var.sizes(), log_var.options());
    const auto columns = log_var.size(-1);
    kernels::kernels().normal_draw_backward(*rows_of(log_var), noise.data_ptr<float>(),
                                            outer.data_ptr<float>(), result.data_ptr<float>(),
                                            log_var.numel() / columns, columns);
    return {gradients[0], result, Tensor()};
  }
};

class KlToUnitNormal final : public torch::autograd::Function<KlToUnitNormal> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& mean, const Tensor& log_var) {
    context->save_for_backward({mean, log_var});
    const auto memory = NormalRows::of(mean, log_var);
    auto result = at::empty(mean.sizes(), mean.options());
    kernels::kernels().kl_to_unit_normal(memory->mean, memory->log_var, result.data_ptr<float>(),
                                         memory->rows, memory->columns);
    return result;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto& mean = saved[0];
    const auto& log_var = saved[1];
    if (at::GradMode::is_enabled() || !is_plain_float(gradients[0]))
      return {gradients[0] * mean, 0.5 * gradients[0] * (log_var.exp() - 1)};
    const auto memory = NormalRows::of(mean, log_var);
    const auto outer = gradients[0].contiguous();
    auto to_mean = at::empty(mean.sizes(), mean.options());
    auto to_log_var = at::empty(mean.sizes(), mean.options());
    kernels::kernels().kl_to_unit_normal_backward(
        memory->mean, memory->log_var, outer.data_ptr<float>(), to_mean.data_ptr<float>(),
        to_log_var.data_ptr<float>(), memory->rows, memory->columns);
    return {to_mean, to_log_var};
  }
};

/// The sum over the event of `values`, which are one number or [E] behind axes of one element.
Tensor sum_of_event(const Tensor& values, const Tensor& mean) {
  const auto count = mean.numel() / (mean.size(0) * mean.size(1));
  return values.sum() * (static_cast<double>(count) / static_cast<double>(values.numel()));
}

}  // namespace

Normal::Normal(Tensor mean, Tensor log_var)
    : mean_(std::move(mean)), log_var_(std::move(log_var)) {}

std::shared_ptr<const Normal> Normal::unit(at::IntArrayRef event, at::Device device) {
  std::vector<std::int64_t> sizes = {1, 1};
  sizes.insert(sizes.end(), event.begin(), event.end());
  const auto zero = at::zeros(sizes, at::TensorOptions(at::kFloat).device(device));
  auto unit = std::make_shared<Normal>(zero, zero);
  unit->unit_ = true;
  return unit;
}

Sample Normal::rsample(Draw& draw) const {
  const auto noise = draw.normal(rsample_shape(mean_, draw.samples()));
  if (NormalRows::of(mean_, log_var_) && is_packed_float(noise) && noise.sizes() == mean_.sizes())
    return {NormalDraw::apply(mean_, log_var_, noise), {}};
  return {at::addcmul(mean_, (0.5 * log_var_).exp(), noise), {}};
}

Tensor Normal::log_density(const Tensor& value) const {
  if (unit_) return -0.5 * value.square() - 0.5 * kLogTwoPi;
  return -0.5 * ((value - mean_).square() * (-log_var_).exp() + log_var_ + kLogTwoPi);
}

Tensor Normal::log_prob(const Tensor& value) const {
  const auto error = weighted_error(kernels::Error::square, mean_, log_var_, value);
  if (!error) return Distribution::log_prob(value);
  return -0.5 * (*error + sum_of_event(log_var_ + kLogTwoPi, mean_));
}

Tensor Normal::kl_to(const Distribution& prior) const {
  if (prior.family() != kFamily) return {};
  const auto& other = static_cast<const Normal&>(prior);
  if (other.is_unit()) return kl_to_unit_normal(mean_, log_var_);
  const auto log_ratio = log_var_ - other.log_var_;
  return 0.5 * (log_ratio.exp() + (mean_ - other.mean_).square() * (-other.log_var_).exp() - 1 -
                log_ratio);
}

Tensor kl_to_unit_normal(const Tensor& mean, const Tensor& log_var) {
  if (NormalRows::of(mean, log_var)) return KlToUnitNormal::apply(mean, log_var);
  return 0.5 * (mean.square() + log_var.exp() - 1 - log_var);
}

Laplace::Laplace(Tensor mean, Tensor log_scale)
    : mean_(std::move(mean)), log_scale_(std::move(log_scale)) {}

Sample Laplace::rsample(Draw& draw) const {
  // The difference of two exponential draws is a Laplace draw, without cancellation near 0 and 1.
  const auto shape = rsample_shape(mean_, draw.samples());
  const auto noise = draw.uniform(shape).log() - draw.uniform(shape).log();
  return {mean_ + log_scale_.exp() * noise, {}};
}

Tensor Laplace::log_density(const Tensor& value) const {
  return -(value - mean_).abs() * (-log_scale_).exp() - log_scale_ - std::numbers::ln2;
}

Tensor Laplace::log_prob(const Tensor& value) const {
  const auto error = weighted_error(kernels::Error::absolute, mean_, log_scale_, value);
  if (!error) return Distribution::log_prob(value);
  return -*error - sum_of_event(log_scale_ + std::numbers::ln2, mean_);
}

}  // namespace varia
