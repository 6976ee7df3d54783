#pragma once

#include <cstdint>
#include <optional>

#include "varia/samples.hpp"

namespace varia {

/// The values of some samples, kept on a device. What is made of bytes is kept as bytes.
class DeviceValues {
 public:
  /// Gathers each sample once.
  /// @param index [n] int64, which of the samples
  /// @returns nullopt if they need more than `most_bytes`
  /// @throws c10::OutOfMemoryError
  static std::optional<DeviceValues> of(const Samples& samples, const Tensor& index,
                                        at::Device device, std::int64_t most_bytes);

  at::Device device() const { return values_.device(); }
  std::int64_t bytes() const;
  /// @param places [B] int64 on the device, each in [0, n)
  /// @returns      [B, E...] float32 on the device, the bits that Samples::gather gives
  Tensor gather(const Tensor& places) const;

 private:
  DeviceValues(Tensor values, Tensor max) : values_(std::move(values)), max_(std::move(max)) {}

  Tensor values_;  // [n, E...] uint8 or float32
  Tensor max_;     // [] float32, the byte that stands for 1; undefined for float32
};

}  // namespace varia
