#pragma once

#include <string>
#include <vector>

#include "analysis/statistics/estimates.hpp"

namespace varia::cli {

/// A line of an interval plot.
struct PlottedInterval {
  std::string label;  ///< printable
  double centre = 0;  ///< NaN: no value
  statistics::Interval interval;
  std::vector<double> values;  ///< of the seeds; NaN: none
};

/// One line each on a common scale: the seeds as dots, the interval as a bar, its centre as a disc.
/// The scale follows the values of the seeds, so that one wide interval does not hide the others;
/// `<` and `>` stand where an interval goes on beyond it.
/// @param width columns of the terminal
std::string interval_plot(const std::vector<PlottedInterval>& lines, std::size_t width);

struct PlottedPoint {
  double x = 0;
  double y = 0;
  bool on_front = false;
};

/// Points in a plane: discs on the Pareto front, circles off it. Points with a NaN are left out.
/// @param width columns of the terminal
std::string scatter_plot(const std::vector<PlottedPoint>& points, const std::string& x_name,
                         const std::string& y_name, std::size_t width);

}  // namespace varia::cli
