#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "sweep/gpus/visible_gpus.hpp"
#include "varia/host/descriptor.hpp"

namespace varia::sweep {

/// The places for trials on the GPUs of this machine, shared by all runs of one user: a run that
/// has taken one keeps it, and its worker processes with it, until they have ended, however they
/// do.
class GpuSlots {
 public:
  /// @param gpus   none: nothing can be taken
  /// @param folder of the locks, on this machine alone; is made. Empty: default_folder()
  /// @throws Error if there are GPUs and no such folder
  GpuSlots(std::vector<Gpu> gpus, std::size_t trials_per_gpu, std::filesystem::path folder = {});
  GpuSlots(const GpuSlots&) = delete;
  GpuSlots& operator=(const GpuSlots&) = delete;

  /// The most that can be taken.
  std::size_t size() const { return gpus_.size() * trials_per_gpu_; }
  /// The GPU of each place that was taken, in the order of taking.
  const std::vector<const Gpu*>& taken() const { return taken_; }
  /// Takes one more: on the GPU of which this run has the fewest. @returns false if none is free
  /// @throws Error if there can be no locks
  bool take();

  /// For the locks of this user. @throws Error if TMPDIR names no folder
  static std::filesystem::path default_folder();

 private:
  bool lock(const Gpu& gpu);

  std::vector<Gpu> gpus_;
  std::size_t trials_per_gpu_;
  std::filesystem::path folder_;
  std::vector<const Gpu*> taken_;
  std::vector<Descriptor> locks_;  // which worker processes inherit
};

}  // namespace varia::sweep
