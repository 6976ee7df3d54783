#pragma once

#include <cstddef>

#include "experiment/plan.hpp"

namespace varia::sweep {

/// The physical cores that this process may use: those of its affinity mask, and no more than its
/// share of the machine (cgroup) allows. At least 1.
std::size_t usable_cores();

/// The most threads that a trial of the plan uses.
std::size_t threads_of(const experiment::Plan& plan);

}  // namespace varia::sweep
