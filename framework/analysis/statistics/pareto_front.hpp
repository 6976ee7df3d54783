#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace varia::statistics {

/// The points that no other point is at least as good as in both coordinates and better in one, by
/// x, the best x first. Equal points are all on the front or all off it; one with a NaN is off it.
/// @param x, y of equal length
/// @param more_x, more_y whether more is better
std::vector<std::size_t> pareto_front(std::span<const double> x, std::span<const double> y,
                                      bool more_x, bool more_y);

}  // namespace varia::statistics
