#include "pictures/axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace varia::pictures {

namespace {

/// The smallest of 1, 2, 5 times a power of ten that divides the span into at most `count` parts.
double nice_step(double span, int count) {
  const double power = std::pow(10, std::floor(std::log10(span / count)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (span / (factor * power) <= count) return factor * power;
  return 10 * power;
}

}  // namespace

Axis make_axis(double lowest, double highest, int ticks) {
  const double largest = std::max(std::abs(lowest), std::abs(highest));
  // Below this, doubles between the ends would be too few to place a tick.
  if (highest - lowest <= 1e-9 * largest || highest == lowest) {
    const double room = largest > 0 ? 0.1 * largest : 1;
    lowest -= room;
    highest += room;
  }
  Axis axis;
  const double margin = (highest - lowest) / 20;
  axis.from = lowest - margin;
  axis.to = highest + margin;
  const double step = nice_step(axis.to - axis.from, std::max(ticks - 1, 1));
  const auto first = std::ceil(axis.from / step);
  const auto last = std::floor(axis.to / step);
  const double reach = std::max(std::abs(first), std::abs(last));
  int digits = reach > 0 ? static_cast<int>(std::log10(reach)) + 2 : 1;
  // Enough for -100 not to become -1e+02.
  if (reach * step < 1e6 && reach * step >= 1)
    digits = std::max(digits, static_cast<int>(std::log10(reach * step)) + 1);
  for (double i = first; i <= last; ++i) {
    axis.ticks.push_back(i * step);
    axis.labels.push_back(fmt::format("{:.{}g}", i * step + 0.0, digits));
  }
  return axis;
}

}  // namespace varia::pictures
