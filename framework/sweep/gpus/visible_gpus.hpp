#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sweep/gpus/nvml.hpp"

namespace varia::sweep {

/// A GPU that CUDA offers to a process.
struct Gpu {
  std::string name;         ///< as CUDA_VISIBLE_DEVICES names it: "0", "GPU-8f3c...", "MIG-..."
  std::string identity;     ///< the piece of hardware: its UUID if it is known, else `name`
  std::string description;  ///< "NVIDIA H200, driver 550.54.15"
};

/// The variable that says which GPUs CUDA offers to a process.
inline constexpr const char* kVisibleGpus = "CUDA_VISIBLE_DEVICES";

/// The GPUs that CUDA offers to a process that starts now.
struct VisibleGpus {
  std::vector<Gpu> gpus;
  std::string why_none;     ///< "NVIDIA's driver is not there"; empty if there are some
  bool are_hidden = false;  ///< somebody wants none: CUDA_VISIBLE_DEVICES is empty or -1
};

/// Takes CUDA_VISIBLE_DEVICES as CUDA does: up to the first entry that is no GPU.
/// @param driver  nullopt: there is none
/// @param visible the variable's value; null: it is not set
VisibleGpus visible_gpus(const std::optional<NvidiaDriver>& driver, const char* visible);

/// Those of this process, without starting CUDA.
VisibleGpus visible_gpus();

}  // namespace varia::sweep
