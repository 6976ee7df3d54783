#include "sweep/cores.hpp"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <utility>

namespace varia::sweep {

namespace {

int number_in(const std::string& file, int otherwise) {
  std::ifstream stream(file);
  int number = otherwise;
  return stream >> number ? number : otherwise;
}

/// Two hyperthreads of one core count once.
std::size_t cores_of_affinity() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (::sched_getaffinity(0, sizeof mask, &mask) != 0) return std::thread::hardware_concurrency();
  std::set<std::pair<int, int>> cores;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &mask)) continue;
    const auto folder = "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/";
    // A machine that does not tell has cores of one thread each.
    cores.emplace(number_in(folder + "physical_package_id", 0), number_in(folder + "core_id", cpu));
  }
  return cores.size();
}

/// "200000 100000" in cpu.max: two processors' time.
std::size_t cores_of_cgroup() {
  std::ifstream stream("/sys/fs/cgroup/cpu.max");
  double quota = 0;
  double period = 0;
  if (!(stream >> quota >> period) || quota <= 0 || period <= 0) return CPU_SETSIZE;
  return static_cast<std::size_t>(std::ceil(quota / period));
}

}  // namespace

std::size_t usable_cores() {
  return std::max<std::size_t>(1, std::min(cores_of_affinity(), cores_of_cgroup()));
}

std::size_t threads_of(const experiment::Plan& plan) {
  std::int64_t most = 1;
  for (const auto& trial : plan.trials) most = std::max(most, trial.train->threads());
  return static_cast<std::size_t>(most);
}

}  // namespace varia::sweep
