#pragma once

#include <span>

#include "analysis/statistics/interval.hpp"

/// Estimates of where values lie. No value may be NaN; infinite ones are values like others.
namespace varia::statistics {

/// NaN of no values.
double mean(std::span<const double> values);

/// With n - 1 in the denominator; NaN of fewer than two values.
double standard_deviation(std::span<const double> values);

/// The mean of what is left when floor(n / 4) values are dropped at each end, as SciPy's
/// trim_mean(values, 0.25); below four values the mean. NaN of no values.
double interquartile_mean(std::span<const double> values);

/// Linear between the sorted values, as NumPy's default.
/// @param sorted ascending, at least one
/// @param q      in [0, 1]
double quantile(std::span<const double> sorted, double q);

/// Student's interval of the mean: mean +- t(n - 1) s / sqrt(n). None below two values, and none
/// where a value is infinite.
/// @param confidence in (0, 1)
Interval student_interval(std::span<const double> values, double confidence = 0.95);

}  // namespace varia::statistics
