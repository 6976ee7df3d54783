#include "sweep/gpus/nvml.hpp"

#include <dlfcn.h>

#include <array>
#include <memory>

namespace varia::sweep {

namespace {

// As in nvml.h, which does not come with the driver.
using Result = int;  // 0: success
using Device = void*;
using Length = unsigned int;
constexpr std::size_t kTextSize = 96;  // of the longest text, a UUID

struct CloseLibrary {
  void operator()(void* library) const { ::dlclose(library); }
};

/// The library, started, and shut down at its end.
class Nvml {
 public:
  Nvml() : library_(::dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL)) {
    auto* const init = function<Result()>("nvmlInit_v2");
    is_started_ = init != nullptr && init() == 0;
  }
  ~Nvml() {
    if (auto* const shutdown = function<Result()>("nvmlShutdown"); is_started_ && shutdown)
      shutdown();
  }
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;

  bool is_started() const { return is_started_; }

  /// Calls a function of the library. @returns false if it has none of this name, or it failed
  template <class... Arguments>
  bool call(const char* name, Arguments... arguments) const {
    auto* const called = function<Result(Arguments...)>(name);
    return called != nullptr && called(arguments...) == 0;
  }

  /// What a function writes into a text whose address and length are its last arguments; empty if
  /// it failed.
  template <class... Arguments>
  std::string text(const char* name, Arguments... arguments) const {
    std::array<char, kTextSize + 1> text{};  // ends with 0 whatever the library does
    const bool good = call(name, arguments..., text.data(), static_cast<Length>(kTextSize));
    return good ? text.data() : "";
  }

 private:
  template <class Function>
  Function* function(const char* name) const {
    return library_ ? reinterpret_cast<Function*>(::dlsym(library_.get(), name)) : nullptr;
  }

  std::unique_ptr<void, CloseLibrary> library_;
  bool is_started_ = false;
};

void add(const Nvml& nvml, Device device, std::vector<DriverGpu>& gpus) {
  gpus.push_back({nvml.text("nvmlDeviceGetUUID", device), nvml.text("nvmlDeviceGetName", device)});
}

}  // namespace

std::optional<NvidiaDriver> ask_nvidia_driver() {
  const Nvml nvml;
  unsigned int count = 0;
  if (!nvml.is_started() || !nvml.call("nvmlDeviceGetCount_v2", &count)) return std::nullopt;
  NvidiaDriver driver{nvml.text("nvmlSystemGetDriverVersion"), {}};
  for (unsigned int i = 0; i < count; ++i) {
    Device device = nullptr;
    if (!nvml.call("nvmlDeviceGetHandleByIndex_v2", i, &device)) return std::nullopt;
    add(nvml, device, driver.gpus);
  }
  return driver;
}

}  // namespace varia::sweep
