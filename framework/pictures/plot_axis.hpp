#pragma once

#include <string>
#include <vector>

namespace varia::pictures {

/// One axis of a plot: its range and its ticks.
struct Axis {
  double from = 0;
  double to = 1;
  std::vector<double> ticks;        ///< multiples of 1, 2 or 5 times a power of ten
  std::vector<std::string> labels;  ///< of the ticks, with as many digits as tell them apart

  /// The position of a value, from 0 at `from` to 1 at `to`.
  double place(double value) const { return (value - from) / (to - from); }
};

/// An axis that spans the values and a twentieth more at both ends; an empty span is widened.
/// @param lowest, highest finite, lowest <= highest
/// @param ticks           how many there are at most, at least 2
Axis make_axis(double lowest, double highest, int ticks);

/// An axis that spans just `from` to `to`, such as the one beside a picture of a plot. It has no
/// ticks if the ends are too close for doubles between them.
/// @param from, to finite, from < to
/// @param ticks    how many there are at most, at least 2
Axis exact_axis(double from, double to, int ticks);

}  // namespace varia::pictures
