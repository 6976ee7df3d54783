#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "varia/tensor.hpp"

namespace varia::views {

/// Makes the points [begin, end), [end - begin, D].
using PointRows = std::function<Tensor(std::int64_t begin, std::int64_t end)>;

/// The principal axes of points, from their covariance with divisor n.
/// @param count  points in all; each is asked for once, some at a time, in order
/// @param origin [D] float64, near the points: sums about it lose no digits if the points lie far
///               from zero
/// @param axes   how many, at most D
/// @returns the points' mean [D], and the axes [D, axes], orthonormal, by rising variance; float64
/// @see Pearson 1901; Hotelling 1933
std::pair<Tensor, Tensor> principal_axes(const PointRows& rows, std::int64_t count,
                                         const Tensor& origin, std::int64_t axes);

/// Points on their first two principal axes, centred. The sign of an axis is such that its largest
/// entry is positive. With D = 1 the second coordinate is zero.
/// @param rows  gives the same points each time it is asked
/// @param count points in all
/// @returns     [count, 2] float64
Tensor principal_components(const PointRows& rows, std::int64_t count);

}  // namespace varia::views
