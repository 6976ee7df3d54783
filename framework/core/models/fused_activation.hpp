#pragma once

#include <ATen/Functions.h>

#include <optional>
#include <string>

#include "kernels/kernels.hpp"

namespace varia {

/// An activation that goes into the same pass as the bias: one whose derivative follows from its
/// value.
inline std::optional<kernels::Activation> fused_activation(const std::string& name) {
  if (name == "identity") return kernels::Activation::identity;
  if (name == "relu") return kernels::Activation::relu;
  if (name == "leaky_relu") return kernels::Activation::leaky_relu;
  return {};
}

/// The gradient before the activation, from operators that can be differentiated again.
/// @param values   behind the activation
/// @param gradient with respect to them
inline at::Tensor before_activation(kernels::Activation activation, const at::Tensor& values,
                                    const at::Tensor& gradient) {
  switch (activation) {
    case kernels::Activation::identity:
      break;
    case kernels::Activation::relu:
      return gradient * values.gt(0);
    case kernels::Activation::leaky_relu:
      return at::where(values.gt(0), gradient, gradient * kernels::kLeak);
  }
  return gradient;
}

}  // namespace varia
