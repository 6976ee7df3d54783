#pragma once

#include <cstddef>

namespace varia::sweep {

/// The physical cores that this process may use: those of its affinity mask, and no more than its
/// share of the machine (cgroup) allows. At least 1.
std::size_t usable_cores();

}  // namespace varia::sweep
