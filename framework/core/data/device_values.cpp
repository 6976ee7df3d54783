#include "core/data/device_values.hpp"

#include <ATen/Functions.h>

#include <utility>

#include "core/data/chunks.hpp"
#include "varia/device.hpp"

namespace varia {

Tensor to_device(const Tensor& numbers, at::Device device) {
  if (numbers.device() == device) return numbers;
  return (device.is_cuda() ? numbers.pin_memory() : numbers).to(device, /*non_blocking=*/true);
}

namespace {

/// The byte that stands for 1 in the files of the samples.
double largest_byte(const Samples& samples) {
  const auto& scale = samples.annotations().units.scale;
  return scale.defined() && scale.dim() == 0 ? scale.item<double>() : 255;
}

/// @param values float32 on the CPU
/// @param max    [] float32
/// @returns uint8; undefined if the values are not quotients of bytes and `max`
Tensor bytes_of(const Tensor& values, const Tensor& max) {
  const auto bytes = values.mul(max).round_().clamp_(0, 255).to(at::kByte);
  return at::equal(bytes.to(at::kFloat).div_(max), values) ? bytes : Tensor();
}

}  // namespace

std::optional<DeviceValues> DeviceValues::of(const Samples& samples, const Tensor& index,
                                             at::Device device, std::int64_t most_bytes) {
  auto sizes = samples.event();
  sizes.insert(sizes.begin(), index.size(0));
  const auto numbers = c10::multiply_integers(sizes);
  const auto max = at::scalar_tensor(largest_byte(samples), at::kFloat);
  for (const auto type : {at::kByte, at::kFloat}) {
    if (numbers > most_bytes / static_cast<std::int64_t>(c10::elementSize(type))) break;
    const auto kept = at::empty(sizes, at::TensorOptions(type).device(device));
    std::int64_t begin = 0;
    const bool all = for_each_chunk(samples, index, [&](const Tensor& values, const Tensor&) {
      const auto plain = type == at::kByte ? bytes_of(values, max) : values;
      if (!plain.defined()) return false;
      kept.slice(0, begin, begin + plain.size(0)).copy_(plain);
      begin += plain.size(0);
      return true;
    });
    if (all) return DeviceValues(kept, type == at::kByte ? max.to(device) : Tensor());
  }
  return std::nullopt;
}

std::int64_t DeviceValues::bytes() const { return static_cast<std::int64_t>(values_.nbytes()); }

Tensor DeviceValues::gather(const Tensor& places) const {
  auto values = values_.index_select(0, places);
  // A quotient of two tensors: CUDA multiplies by the inverse of a number of the host.
  return max_.defined() ? values.to(at::kFloat).div_(max_) : values;
}

}  // namespace varia
