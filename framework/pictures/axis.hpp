#pragma once

#include <string>
#include <vector>

namespace varia::pictures {

/// One axis of a plot: what it spans, and where its ticks are.
struct Axis {
  double from = 0;
  double to = 1;
  std::vector<double> ticks;        ///< multiples of 1, 2 or 5 times a power of ten
  std::vector<std::string> labels;  ///< of the ticks, with as many digits as tell them apart

  /// Where a value is, from 0 at `from` to 1 at `to`.
  double place(double value) const { return (value - from) / (to - from); }
};

/// An axis that spans the values and a twentieth more at both ends; a span of nothing is widened.
/// @param lowest, highest finite, lowest <= highest
/// @param ticks           how many there are at most, at least 2
Axis make_axis(double lowest, double highest, int ticks);

}  // namespace varia::pictures
