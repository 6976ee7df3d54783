#pragma once

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>

#include <cstdint>

#include "kernels/kernels.hpp"

namespace varia {

/// Whether zeros are worth skipping in a product of packed values and factors, which lie in rows of
/// `outputs` numbers: four fifths of MNIST's pixels are zero, and half of what leaves a layer with
/// relu. The bounds are those from which on it was faster than a product, forward and back
/// together, whatever the other sizes (tools/bench/README.md); on one thread, since its loops have
/// one. What is not finite is the product's to do: zero times infinity is not zero.
inline bool are_zeros_skipped(const at::Tensor& values, const at::Tensor& factors,
                              std::int64_t outputs) {
  constexpr std::int64_t kFewestOutputs = 128;
  const auto& loops = kernels::kernels();
  const auto count = values.numel();
  return outputs >= kFewestOutputs && at::get_num_threads() == 1 &&
         loops.count_nonzero(values.data_ptr<float>(), count) <= count / 5 * 3 &&
         loops.all_finite(factors.data_ptr<float>(), factors.numel());
}

}  // namespace varia
