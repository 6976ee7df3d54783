#pragma once

#include <limits>

namespace varia::statistics {

/// A confidence interval; both ends are NaN where there is none.
struct Interval {
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
};

}  // namespace varia::statistics
