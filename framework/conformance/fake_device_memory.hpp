#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Allocator.h>
#include <torch/version.h>

/// The memory of the fake device: pages that nobody may read or write but while they are open.
namespace varia::conformance {

#if TORCH_VERSION_MAJOR > 1
constexpr auto kDevice = c10::DeviceType::PrivateUse1;
constexpr auto kKey = c10::DispatchKey::PrivateUse1;
#else
constexpr auto kDevice = c10::DeviceType::XPU;
constexpr auto kKey = c10::DispatchKey::XPU;
#endif

/// Lives as long as the process.
c10::Allocator* fake_device_memory();

/// While it lives, the memory of a tensor of the device can be used; that of the CPU always can.
class OpenMemory {
 public:
  explicit OpenMemory(const at::Tensor& tensor);
  ~OpenMemory();
  OpenMemory(const OpenMemory&) = delete;
  OpenMemory& operator=(const OpenMemory&) = delete;

 private:
  void* block_;
};

}  // namespace varia::conformance
