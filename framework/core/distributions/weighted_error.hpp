#pragma once

#include <optional>

#include "kernels/kernels.hpp"
#include "varia/tensor.hpp"

namespace varia {

/// sum over E of e^-log_scale * error(value - mean), as one node of the graph.
/// @param mean      [K, B, E]
/// @param log_scale of one element, or [E] behind axes of one element
/// @param value     [K|1, B, E]; no gradient flows to it
/// @returns         [K, B]; nothing where they are not that, or not float32 on the CPU: operators
///                  must do it
std::optional<Tensor> weighted_error(kernels::Error error, const Tensor& mean,
                                     const Tensor& log_scale, const Tensor& value);

}  // namespace varia
