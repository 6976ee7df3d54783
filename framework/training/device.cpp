#include "training/device.hpp"

#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/cuda.h>
#include <torch/nn/module.h>

#include "varia/error.hpp"

#if VARIA_HAS_DEVICE_ALLOCATOR
#include <c10/core/CachingDeviceAllocator.h>
#endif

namespace varia::training {

c10::Device choose_device(const experiment::TrainParams& train, MissingDevice missing) {
  if (train.device.is("cpu")) return c10::kCPU;
  const c10::Device device(train.device.is("auto") ? "cuda" : train.device());
  // CUDA is part of a build whether there is a GPU or not.
  if (device.is_cuda() ? torch::cuda::is_available() : c10::impl::hasDeviceGuardImpl(device.type()))
    return {device.type(), 0};
  if (train.device.is("auto") || missing == MissingDevice::is_cpu) return c10::kCPU;
  throw ConfigError(train.device.where(), "train: device: " + train.device() +
                                              " is asked for, but this LibTorch finds no such "
                                              "device; use 'auto' or 'cpu'");
}

DataPlace data_place(const experiment::TrainParams& train, c10::Device device) {
  if (device.is_cpu() || train.data_on_device.is("never")) return {};
  return {.device = device.str(), .is_required = train.data_on_device.is("always")};
}

void move_to(torch::nn::Module& module, c10::Device device) {
  if (device.type() != c10::kPrivateUse1) {
    module.to(device);
    return;
  }
  // Module::to refuses PrivateUse1, whose tensors are not of the kind of the CPU's.
  const auto move = [&](const at::Tensor& tensor) {
    tensor.unsafeGetTensorImpl()->shallow_copy_from(tensor.detach().to(device).getIntrusivePtr());
  };
  for (const auto& parameter : module.parameters()) move(parameter);
  for (const auto& buffer : module.buffers()) move(buffer);
}

#if VARIA_HAS_DEVICE_ALLOCATOR
namespace {

/// Null if the device has none, or nothing was allocated yet.
c10::DeviceAllocator* counting_allocator(c10::Device device) {
  if (device.is_cpu()) return nullptr;
  auto* allocator = dynamic_cast<c10::DeviceAllocator*>(c10::GetAllocator(device.type()));
  return allocator != nullptr && allocator->initialized() ? allocator : nullptr;
}

c10::DeviceIndex index_of(c10::Device device) {
  return device.has_index() ? device.index() : c10::DeviceIndex{0};
}

}  // namespace

std::int64_t peak_memory(c10::Device device) {
  auto* const allocator = counting_allocator(device);
  if (allocator == nullptr) return 0;
  constexpr auto all = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE);
  return allocator->getDeviceStats(index_of(device)).allocated_bytes.at(all).peak;
}

void reset_peak_memory(c10::Device device) {
  if (auto* const allocator = counting_allocator(device))
    allocator->resetPeakStats(index_of(device));
}
#else
std::int64_t peak_memory(c10::Device) { return 0; }
void reset_peak_memory(c10::Device) {}
#endif

}  // namespace varia::training
