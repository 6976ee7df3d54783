#pragma once

#include <c10/core/Device.h>
#include <torch/version.h>

#include <cstdint>

#include "experiment/params/run_params.hpp"
#include "training/data_cache.hpp"

namespace torch::nn {
class Module;
}

/// Whether LibTorch has c10::DeviceAllocator, by which any kind of device tells its memory in use.
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 9)
#define VARIA_HAS_DEVICE_ALLOCATOR 1
#else
#define VARIA_HAS_DEVICE_ALLOCATOR 0
#endif

namespace varia::training {

/// What becomes of a trial if this machine lacks the device that `train.device` names.
enum class MissingDevice { is_error, is_cpu };

/// The device that `train.device` names. A process uses one GPU, its first.
/// @throws ConfigError if there is none and that is an error
c10::Device choose_device(const experiment::TrainParams& train, MissingDevice missing);

/// Where the data of a trial lies that is trained on `device`.
DataPlace data_place(const experiment::TrainParams& train, c10::Device device);

/// Moves the parameters and buffers of a module, in place.
void move_to(torch::nn::Module& module, c10::Device device);

/// The most bytes of a device's memory that this process's tensors took at once since
/// `reset_peak_memory`; 0 for the CPU, for devices that do not count, and where LibTorch has no
/// c10::DeviceAllocator.
std::int64_t peak_memory(c10::Device device);
void reset_peak_memory(c10::Device device);

}  // namespace varia::training
