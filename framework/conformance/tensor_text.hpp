#pragma once

#include <ATen/Functions.h>
#include <string>

#include "varia/tensor.hpp"

namespace varia::conformance {

/// "[3, 5]"
inline std::string shape_text(at::IntArrayRef shape) { return c10::str(shape); }
inline std::string shape_text(const Tensor& tensor) {
  return tensor.defined() ? shape_text(tensor.sizes()) : "an undefined tensor";
}

/// True if the two agree to `relative` of the larger magnitude, or to `absolute`.
inline bool close(const Tensor& a, const Tensor& b, double relative, double absolute) {
  const auto x = a.detach().to(at::kDouble);
  const auto y = b.detach().to(at::kDouble);
  return ((x - y).abs() <= absolute + relative * at::maximum(x.abs(), y.abs())).all().item<bool>();
}

}  // namespace varia::conformance
