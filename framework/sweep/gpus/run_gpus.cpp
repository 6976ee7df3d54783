#include "sweep/gpus/run_gpus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "varia/error.hpp"

namespace varia::sweep {

namespace {

constexpr const char* kNoCuda =
    "this LibTorch has no CUDA; build with one that has (VARIA_TORCH) to train on the GPU";

/// Why the machine has no GPU for the run, whatever `run.gpus` says.
std::string obstacle(const VisibleGpus& visible, bool has_cuda) {
  return has_cuda ? visible.why_none : kNoCuda;
}

std::vector<Gpu> selected(const experiment::GpuChoice& choice, const VisibleGpus& visible) {
  if (!choice.is_list()) return visible.gpus;
  std::vector<Gpu> gpus;
  for (const auto place : choice.places()) {
    if (place >= visible.gpus.size())
      throw ConfigError(
          choice.where(),
          fmt::format("run: gpus: there is no GPU {}: {}", place,
                      visible.gpus.empty() ? visible.why_none
                                           : fmt::format("those that are visible are 0 to {}",
                                                         visible.gpus.size() - 1)));
    gpus.push_back(visible.gpus[place]);
  }
  return gpus;
}

}  // namespace

void see_only(const std::vector<Gpu>& gpus) {
  std::string all;
  for (const auto& gpu : gpus) all += (all.empty() ? "" : ",") + gpu.name;
  ::setenv(kVisibleGpus, all.c_str(), 1);
  // Numbers are those of the driver, as nvidia-smi shows them; by default CUDA counts from the
  // fastest GPU.
  ::setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID", 1);
}

RunGpus gpus_of(const experiment::Plan& plan, const std::vector<std::size_t>& chosen,
                const experiment::RunParams& params, const VisibleGpus& visible, bool has_cuda) {
  const auto device_of = [&](std::size_t index) -> const Choice& {
    return plan.trials[index].train->device;
  };
  const auto demanding =
      std::ranges::find_if(chosen, [&](std::size_t index) { return device_of(index).is("cuda"); });
  const bool may_use = demanding != chosen.end() ||
                       std::ranges::any_of(chosen, [&](auto i) { return device_of(i).is("auto"); });
  if (!may_use) return {};
  const auto why = params.gpus.is_none() ? "run.gpus is none" : obstacle(visible, has_cuda);
  if (demanding != chosen.end() && !why.empty())
    throw ConfigError(device_of(*demanding).where(),
                      "train: device: cuda is asked for, but " + why + "; use 'auto' or 'cpu'");
  if (params.gpus.is_none()) return {.are_asked = true, .gpus = {}, .note = ""};
  if (params.gpus.is_list() && !has_cuda)
    throw ConfigError(params.gpus.where(), std::string("run: gpus: ") + kNoCuda);
  RunGpus found{.are_asked = true, .gpus = {}, .note = ""};
  if (has_cuda) found.gpus = selected(params.gpus, visible);
  // A machine without a GPU under a LibTorch without CUDA is no surprise to anyone, nor are hidden
  // GPUs.
  if (found.gpus.empty() && !visible.are_hidden && (has_cuda || !visible.gpus.empty()))
    found.note = "trains on the CPU: " + why;
  return found;
}

}  // namespace varia::sweep
