#pragma once

#include <vector>

#include "varia/export.hpp"
#include "varia/tensor.hpp"

namespace varia {

/// How alike two points are, by their squared distance s and a scale c.
enum class DiscrepancyKernel {
  rbf,                   ///< e^(-s / c)
  inverse_multiquadric,  ///< c / (c + s)
};

/// The squared maximum mean discrepancy between the distributions of two sets of points, for the
/// sum of one kernel per scale.
/// @param x, y    [n, D] and [m, D]
/// @param scales  each positive, in the unit of squared distances
/// @param unbiased without the pairs of a point and itself: its mean is the truth, and single
///                values may be negative; needs two points of each. Otherwise never negative up to
///                rounding, and too large.
/// @returns a scalar without unit
/// @see Gretton et al. 2012, equations 3 and 5
VARIA_API Tensor squared_mean_discrepancy(const Tensor& x, const Tensor& y,
                                          DiscrepancyKernel kernel,
                                          const std::vector<double>& scales, bool unbiased);

}  // namespace varia
