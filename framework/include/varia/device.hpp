#pragma once

#include "varia/tensor.hpp"

namespace varia {

/// Numbers of the host's memory, on a device. Nothing waits for the copy: to CUDA it is made from
/// pinned memory, whose other uses wait for it. The plain `numbers.to(device)` waits until the
/// device has done all that it was told before.
/// @param numbers on the CPU, not written to afterwards; or on `device`, where they stay
VARIA_API Tensor to_device(const Tensor& numbers, at::Device device);

}  // namespace varia
