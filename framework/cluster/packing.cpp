#include "cluster/packing.hpp"

#include <algorithm>

namespace varia::cluster {

Tasks pack(const std::vector<std::string>& trials, std::int64_t per_task) {
  Tasks tasks;
  for (const std::string& trial : trials) {
    if (tasks.empty() || static_cast<std::int64_t>(tasks.back().size()) == per_task)
      tasks.emplace_back();
    tasks.back().push_back(trial);
  }
  return tasks;
}

std::vector<JobArray> split(std::int64_t tasks, std::int64_t max_array_size) {
  std::vector<JobArray> arrays;
  for (std::int64_t first = 0; first < tasks; first += max_array_size)
    arrays.push_back({first, std::min(max_array_size, tasks - first)});
  return arrays;
}

}  // namespace varia::cluster
