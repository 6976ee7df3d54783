#pragma once

#include <span>
#include <vector>

namespace varia::statistics {

/// p values corrected for having made several tests (Holm 1979): the chance of any false rejection
/// stays below the level, whatever depends on what. In the order given; NaN, a test that was not
/// made, stays NaN and does not count.
std::vector<double> holm(std::span<const double> p_values);

}  // namespace varia::statistics
