#include "pictures/plot_axis.hpp"

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

/// Whether there are enough doubles between two numbers to place ticks.
bool has_places(double from, double to) {
  const double largest = std::max(std::abs(from), std::abs(to));
  return std::isfinite(to - from) && to - from > 1e-9 * largest;
}

}  // namespace

Axis make_axis(double lowest, double highest, int ticks) {
  const double largest = std::max(std::abs(lowest), std::abs(highest));
  if (!has_places(lowest, highest)) {
    const double room = largest > 0 ? 0.1 * largest : 1;
    lowest -= room;
    highest += room;
  }
  const double margin = (highest - lowest) / 20;
  return exact_axis(lowest - margin, highest + margin, ticks);
}

Axis exact_axis(double from, double to, int ticks) {
  Axis axis{.from = from, .to = to, .ticks = {}, .labels = {}};
  if (!has_places(from, to)) return axis;
  const double step = nice_step(axis.to - axis.from, std::max(ticks - 1, 1));
  // A multiple of the step at an end counts, whatever its last bits.
  const auto first = std::ceil(axis.from / step - 1e-9);
  const auto last = std::floor(axis.to / step + 1e-9);
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
