#pragma once

#include <c10/core/Device.h>

#include <cstdint>

namespace varia::training {

/// The most bytes of a device's memory that this process's tensors took at once; 0 for the CPU, and
/// where LibTorch does not tell: before 2.9, and for devices that do not count.
std::int64_t peak_memory(c10::Device device);

}  // namespace varia::training
