#pragma once

#include "varia/export.hpp"
#include "varia/tensor.hpp"

namespace varia {

/// factor * the sum of all values, as one node of the graph; float32 is summed in float64.
/// `scaled_sum(x, 1.0 / x.numel())` is the mean.
/// @returns a scalar
VARIA_API Tensor scaled_sum(const Tensor& values, double factor);

}  // namespace varia
