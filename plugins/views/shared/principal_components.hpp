#pragma once

#include <cstdint>
#include <functional>

#include "varia/tensor.hpp"

namespace varia::views {

/// Makes the points [begin, end), [end - begin, D]; the same each time it is asked.
using PointRows = std::function<Tensor(std::int64_t begin, std::int64_t end)>;

/// Points on their first two principal axes, centred. The sign of an axis is such that its largest
/// entry is positive. With D = 1 the second coordinate is zero.
/// @param count points in all; they are asked for some at a time, twice
/// @returns     [count, 2] float64
/// @see Pearson 1901; Hotelling 1933
Tensor principal_components(const PointRows& rows, std::int64_t count);

}  // namespace varia::views
