#include "training/device_memory.hpp"

#include <torch/version.h>

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 9)
#include <c10/core/CachingDeviceAllocator.h>
#define VARIA_LIBTORCH_COUNTS_MEMORY
#endif

namespace varia::training {

std::int64_t peak_memory([[maybe_unused]] c10::Device device) {
#ifdef VARIA_LIBTORCH_COUNTS_MEMORY
  if (device.is_cpu()) return 0;
  auto* allocator = dynamic_cast<c10::DeviceAllocator*>(c10::GetAllocator(device.type()));
  if (allocator == nullptr || !allocator->initialized()) return 0;
  constexpr auto all = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE);
  const auto index = device.has_index() ? device.index() : c10::DeviceIndex{0};
  return allocator->getDeviceStats(index).allocated_bytes.at(all).peak;
#else
  return 0;
#endif
}

}  // namespace varia::training
