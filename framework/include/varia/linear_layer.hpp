#pragma once

#include <string>

#include "varia/export.hpp"
#include "varia/tensor.hpp"

namespace varia {

/// activation(input weight^T + bias), as one node of the graph if the activation is identity,
/// relu or leaky_relu; faster than at::linear for float32 on the CPU. With a weight that lies by
/// input, on one thread, zeros of the input are skipped if they are many, as among the pixels of
/// digits and the codes of a hidden layer.
/// @param input  [..., in]
/// @param weight [out, in]
/// @param bias   [out]
/// @param activation one of activation_names()
/// @returns [..., out]
/// @throws std::invalid_argument if the activation is unknown; c10::Error if sizes do not fit
VARIA_API Tensor linear_layer(const Tensor& input, const Tensor& weight, const Tensor& bias,
                              const std::string& activation);

/// A weight [out, in] with the same values, whose numbers lie in memory input by input, as `Mlp`'s
/// do: a new leaf.
VARIA_API Tensor by_input(const Tensor& weight);

}  // namespace varia
