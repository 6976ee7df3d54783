#pragma once

#include <ATen/TracerMode.h>
#include <ATen/core/Tensor.h>

#include <optional>

#include "kernels/kernels.hpp"

namespace varia {

/// True for float32 numbers in the CPU's memory, which is what the kernels take. False while
/// LibTorch traces: it records operators alone.
inline bool is_plain_float(const at::Tensor& tensor) {
  return tensor.defined() && !at::tracer::impl::is_dispatch_enabled() &&
         tensor.layout() == at::kStrided && tensor.is_cpu() && tensor.scalar_type() == at::kFloat;
}

/// True for such numbers that are contiguous.
inline bool is_packed_float(const at::Tensor& tensor) {
  return is_plain_float(tensor) && tensor.is_contiguous();
}

/// Of float32 numbers that the host makes for a device. CUDA copies from pinned memory without
/// waiting.
inline at::TensorOptions host_options(at::Device device) {
  return at::TensorOptions().dtype(at::kFloat).pinned_memory(device.is_cuda());
}

/// A float32 tensor [..., D] as rows of D numbers; nullopt unless the rows are evenly spaced.
inline std::optional<kernels::Rows> rows_of(const at::Tensor& tensor) {
  if (!is_plain_float(tensor) || tensor.dim() < 2 || tensor.numel() == 0) return {};
  if (tensor.size(-1) > 1 && tensor.stride(-1) != 1) return {};
  // The innermost axis with more than one row sets the distance.
  std::int64_t distance = tensor.size(-1);
  std::int64_t expected = 0;
  for (auto axis = tensor.dim() - 2; axis >= 0; --axis) {
    if (tensor.size(axis) == 1) continue;
    if (expected == 0)
      distance = tensor.stride(axis);
    else if (tensor.stride(axis) != expected)
      return {};
    expected = tensor.stride(axis) * tensor.size(axis);
    if (expected == 0) return {};  // expanded
  }
  return kernels::Rows{tensor.data_ptr<float>(), distance};
}

}  // namespace varia
