#include "varia/scaled_sum.hpp"

#include <ATen/Functions.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "core/plain_memory.hpp"

namespace varia {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

class ScaledSum final : public torch::autograd::Function<ScaledSum> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& values, double factor) {
    context->saved_data["sizes"] = values.sizes();
    context->saved_data["factor"] = factor;
    auto result = at::empty({}, values.options());
    *result.data_ptr<float>() = static_cast<float>(
        factor * kernels::kernels().sum(values.data_ptr<float>(), values.numel()));
    return result;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto sizes = context->saved_data["sizes"].toIntVector();
    const double factor = context->saved_data["factor"].toDouble();
    const auto& outer = gradients[0];
    if (at::GradMode::is_enabled() || !is_plain_float(outer))
      return {(outer * factor).expand(sizes), Tensor()};
    auto result = at::empty(sizes, outer.options());
    std::fill_n(result.data_ptr<float>(), result.numel(),
                static_cast<float>(factor * static_cast<double>(*outer.data_ptr<float>())));
    return {result, Tensor()};
  }
};

}  // namespace

Tensor scaled_sum(const Tensor& values, double factor) {
  if (is_packed_float(values)) return ScaledSum::apply(values, factor);
  return values.sum() * factor;
}

}  // namespace varia
