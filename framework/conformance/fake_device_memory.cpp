#include "conformance/fake_device_memory.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string_view>
#include <unordered_map>

#include "conformance/fake_device.hpp"
#include "training/device.hpp"

#if VARIA_HAS_DEVICE_ALLOCATOR
#include <c10/core/CachingDeviceAllocator.h>
#endif

namespace varia::conformance {

namespace {

#if VARIA_HAS_DEVICE_ALLOCATOR
using Allocator = c10::DeviceAllocator;
#else
using Allocator = c10::Allocator;
#endif

std::mutex mutex;
/// A piece of the device's memory. Copies may run within each other, and the autograd engine has a
/// thread for the device: it is open while any that needs it runs.
struct Block {
  std::size_t size = 0;
  int users = 0;
};
std::unordered_map<void*, Block> blocks;
std::int64_t bytes_in_use = 0;
std::int64_t most_bytes_in_use = 0;

void open_for_users(void* address, int by, int mode) {
  const std::lock_guard lock(mutex);
  auto& block = blocks.at(address);
  const bool was_open = block.users > 0;
  block.users += by;
  if (was_open != (block.users > 0) && ::mprotect(address, block.size, mode) != 0) std::abort();
}

void release(void* block) {
  if (block == nullptr) return;
  const std::lock_guard lock(mutex);
  const auto found = blocks.find(block);
  bytes_in_use -= static_cast<std::int64_t>(found->second.size);
  ::munmap(block, found->second.size);
  blocks.erase(found);
}

class Memory final : public Allocator {
 public:
#if TORCH_VERSION_MAJOR > 1
  c10::DataPtr allocate(std::size_t bytes) override { return make(bytes); }
  void copy_data(void*, const void*, std::size_t) const override {
    throw std::logic_error("memory of the fake device is copied by its operators alone");
  }
#else
  c10::DataPtr allocate(std::size_t bytes) const override { return make(bytes); }
#endif
  c10::DeleterFnPtr raw_deleter() const override { return &release; }

#if VARIA_HAS_DEVICE_ALLOCATOR
  bool initialized() override { return true; }
  void emptyCache(c10::MempoolId_t) override {}
  void recordStream(const c10::DataPtr&, c10::Stream) override {}
  c10::CachingDeviceAllocator::DeviceStats getDeviceStats(c10::DeviceIndex) override {
    const std::lock_guard lock(mutex);
    c10::CachingDeviceAllocator::DeviceStats stats;
    stats.allocated_bytes.front().current = bytes_in_use;
    stats.allocated_bytes.front().peak = most_bytes_in_use;
    return stats;
  }
  void resetAccumulatedStats(c10::DeviceIndex) override {}
  void resetPeakStats(c10::DeviceIndex) override {
    const std::lock_guard lock(mutex);
    most_bytes_in_use = bytes_in_use;
  }
#endif

 private:
  static c10::DataPtr make(std::size_t bytes) {
    const c10::Device device(kDevice, 0);
    if (bytes == 0) return {nullptr, nullptr, &release, device};
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const auto size = (bytes + page - 1) / page * page;
    void* block = ::mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) throw std::bad_alloc();
    const std::lock_guard lock(mutex);
    blocks.emplace(block, Block{.size = size});
    bytes_in_use += static_cast<std::int64_t>(size);
    most_bytes_in_use = std::max(most_bytes_in_use, bytes_in_use);
    return {block, block, &release, device};
  }
};

int code_of_access = 0;

bool is_of_device(const void* address) {
  return std::ranges::any_of(blocks, [&](const auto& entry) {
    const auto* begin = static_cast<const char*>(entry.first);
    return address >= begin && address < begin + entry.second.size;
  });
}

/// The process ends here in any case, so that a lock that is held does not matter.
void on_access(int signal, siginfo_t* info, void*) {
  static constexpr std::string_view kText =
      "NO\n    it reads or writes the memory of a device as if it were the host's, by data_ptr(), "
      "accessor() or from_blob(); a GPU has no such memory\n";
  if (is_of_device(info->si_addr)) {
    [[maybe_unused]] const auto written = ::write(STDOUT_FILENO, kText.data(), kText.size());
    ::_exit(code_of_access);
  }
  ::signal(signal, SIG_DFL);
}

}  // namespace

c10::Allocator* fake_device_memory() {
  static Memory memory;
  return &memory;
}

OpenMemory::OpenMemory(const at::Tensor& tensor)
    : block_(tensor.device().is_cpu() ? nullptr : tensor.storage().data_ptr().get_context()) {
  if (block_ != nullptr) open_for_users(block_, 1, PROT_READ | PROT_WRITE);
}

OpenMemory::~OpenMemory() {
  if (block_ != nullptr) open_for_users(block_, -1, PROT_NONE);
}

void explain_access(int exit_code) {
  code_of_access = exit_code;
  struct sigaction action = {};
  action.sa_sigaction = &on_access;
  action.sa_flags = SA_SIGINFO;
  ::sigaction(SIGSEGV, &action, nullptr);
}

}  // namespace varia::conformance
