#pragma once

#include <optional>
#include <string>
#include <vector>

namespace varia::sweep {

/// A GPU as NVIDIA's driver tells of it.
struct DriverGpu {
  std::string uuid;   ///< "GPU-8f3c..."
  std::string model;  ///< "NVIDIA H200"
};

/// What NVIDIA's driver has.
struct NvidiaDriver {
  std::string version;  ///< "550.54.15"
  /// In the order of their PCI slots, as nvidia-smi lists them.
  std::vector<DriverGpu> gpus;
};

/// Asks the driver through its management library, which starts no CUDA: a process that has started
/// it cannot be forked. The library comes with the driver, so it is opened here and not linked.
/// @returns nullopt if there is no driver, or it does not answer
std::optional<NvidiaDriver> ask_nvidia_driver();

}  // namespace varia::sweep
