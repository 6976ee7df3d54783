#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace varia::cluster {

/// The ids of the trials of each task.
using Tasks = std::vector<std::vector<std::string>>;

/// Packs trials in their order, `per_task` into each task; the last one takes what is left.
Tasks pack(const std::vector<std::string>& trials, std::int64_t per_task);

/// A job array: the tasks `first` to `first + count - 1`, as its elements 0 to `count - 1`.
struct JobArray {
  std::int64_t first = 0;
  std::int64_t count = 0;
};

/// Splits tasks into arrays whose largest index is below Slurm's MaxArraySize.
std::vector<JobArray> split(std::int64_t tasks, std::int64_t max_array_size);

}  // namespace varia::cluster
