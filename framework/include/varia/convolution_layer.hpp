#pragma once

#include <cstdint>
#include <string>

#include "varia/export.hpp"
#include "varia/tensor.hpp"

namespace varia {

/// How a square convolution steps.
struct Convolution {
  std::int64_t stride = 1;
  std::int64_t padding = 0;         ///< zeros around the image; of a transposed one, pixels cut off
  std::int64_t output_padding = 0;  ///< of a transposed one: rows and columns added at the end
  bool transposed = false;

  /// The height (or width) that comes out of one of `extent` with a square kernel; less than 1 if
  /// the kernel does not fit.
  VARIA_API std::int64_t output(std::int64_t extent, std::int64_t kernel) const;
};

/// activation(convolution + bias), as one node of the graph if the activation is identity, relu
/// or leaky_relu. For float32 on the CPU it is made of matrix products, and faster than at::conv2d
/// and above all at::conv_transpose2d of LibTorch 1.13.
/// @param input  [B, in, H, W]; best in the memory order of channels last, as it comes out of here
/// @param weight [out, in, kernel, kernel]; of a transposed one [in, out, kernel, kernel]
/// @param bias   [out]
/// @param activation one of activation_names()
/// @returns [B, out, H', W'], in the memory order of channels last if the fast path was taken
/// @throws std::invalid_argument if the activation is unknown; c10::Error if sizes do not fit
VARIA_API Tensor convolution_layer(const Tensor& input, const Tensor& weight, const Tensor& bias,
                                   const Convolution& convolution, const std::string& activation);

}  // namespace varia
