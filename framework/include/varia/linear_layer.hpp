#pragma once

#include <string>

#include "varia/export.hpp"
#include "varia/tensor.hpp"

namespace varia {

/// activation(input weight^T + bias); one node of the graph if the activation is identity, relu or
/// leaky_relu. Faster than at::linear for float32 on the CPU. With a column-major weight and one
/// thread it skips the zeros of an input that has many, as images of digits and hidden layers do.
/// @param input  [..., in]
/// @param weight [out, in]
/// @param bias   [out]
/// @param activation one of activation_names()
/// @returns [..., out]
/// @throws std::invalid_argument if the activation is unknown; c10::Error if sizes do not fit
VARIA_API Tensor linear_layer(const Tensor& input, const Tensor& weight, const Tensor& bias,
                              const std::string& activation);

/// A copy of a weight [out, in] in column-major order, as `Mlp`'s weights are: a new leaf.
VARIA_API Tensor column_major(const Tensor& weight);

}  // namespace varia
