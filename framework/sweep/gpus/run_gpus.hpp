#pragma once

#include <string>
#include <vector>

#include "experiment/params/run_params.hpp"
#include "experiment/plan.hpp"
#include "sweep/gpus/visible_gpus.hpp"

namespace varia::sweep {

/// The GPUs that a run trains on.
struct RunGpus {
  bool are_asked = false;  ///< a trial of the run would take one
  std::vector<Gpu> gpus;   ///< none: the CPU
  /// Why trials that would take a GPU are trained on the CPU; empty if they are not, or nothing on
  /// this machine lets anyone expect a GPU.
  std::string note;
};

/// Lets this process see these alone; before it has used any, since CUDA looks once.
void see_only(const std::vector<Gpu>& gpus);

/// @param chosen   the trials to run, by their index
/// @param visible  those of this process
/// @param has_cuda whether LibTorch was built with CUDA
/// @throws ConfigError if a GPU is asked for that is not there, by `run.gpus` or `train.device`
RunGpus gpus_of(const experiment::Plan& plan, const std::vector<std::size_t>& chosen,
                const experiment::RunParams& params, const VisibleGpus& visible, bool has_cuda);

}  // namespace varia::sweep
