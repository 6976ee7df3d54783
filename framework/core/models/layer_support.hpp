#pragma once

#include <ATen/Functions.h>
#include <ATen/Parallel.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "kernels/kernels.hpp"

/// What linear and convolution layers share.
namespace varia {

/// The activations that are fused with the bias: those whose derivative follows from their value.
/// nullopt for others.
inline std::optional<kernels::Activation> fused_activation(const std::string& name) {
  if (name == "identity") return kernels::Activation::identity;
  if (name == "relu") return kernels::Activation::relu;
  if (name == "leaky_relu") return kernels::Activation::leaky_relu;
  return {};
}

/// The gradient before the activation, made of operators, so that it can be differentiated again.
/// @param values   after the activation
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

/// True if skipping zeros makes a product of contiguous values and factors faster; the factors are
/// rows of `outputs` numbers. Four fifths of MNIST's pixels are zero, and half of the outputs of a
/// layer with relu. With these bounds it was faster than a dense product, forward and back
/// together, for all other sizes (tools/bench/README.md). Its loops use one thread. Factors must be
/// finite, since zero times infinity is not zero.
inline bool are_zeros_skipped(const at::Tensor& values, const at::Tensor& factors,
                              std::int64_t outputs) {
  constexpr std::int64_t kFewestOutputs = 128;
  const auto& loops = kernels::kernels();
  const auto count = values.numel();
  return outputs >= kFewestOutputs && at::get_num_threads() == 1 &&
         loops.count_nonzero(values.data_ptr<float>(), count) <= count / 5 * 3 &&
         loops.all_finite(factors.data_ptr<float>(), factors.numel());
}

/// result [m, n] = a b, or result += a b if `increase`: by kernels::multiply, or by LibTorch where
/// that cannot.
inline void multiply_dense(const kernels::Matrix& a, const kernels::Matrix& b, float* result,
                           std::int64_t m, std::int64_t n, std::int64_t k, bool increase = false) {
  if (kernels::multiply(a, b, result, m, n, k, increase)) return;
  const auto tensor = [](const kernels::Matrix& matrix, std::int64_t rows, std::int64_t columns) {
    if (matrix.transposed) std::swap(rows, columns);
    const auto memory = at::from_blob(const_cast<float*>(matrix.data), {rows, columns},
                                      {matrix.stride, 1}, at::dtype(at::kFloat));
    return matrix.transposed ? memory.t() : memory;
  };
  auto sum = at::from_blob(result, {m, n}, at::dtype(at::kFloat));
  if (increase)
    sum.addmm_(tensor(a, m, k), tensor(b, k, n));
  else
    at::mm_out(sum, tensor(a, m, k), tensor(b, k, n));
}

}  // namespace varia
