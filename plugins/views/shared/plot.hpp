#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "varia/tensor.hpp"

namespace varia::views {

/// The area below a curve, one column of pixels a value, on white.
/// @param heights [W] in [0, 1]: 1 is the upper edge
/// @returns       [3, height, W] in [0, 1]
Tensor filled_curve(const Tensor& heights, std::int64_t height);

/// Numbers as colours from dark blue (0) over green to yellow (1).
/// @param values [...] in [0, 1]
/// @returns      [3, ...]
Tensor coloured(const Tensor& values);

/// A map of `bands` bands, each of one colour, with white lines between them.
/// @param values [H, W] in [0, 1]
/// @returns      [3, H, W]
Tensor contour_map(const Tensor& values, std::int64_t bands);

/// The colours of `bands` bands: of the values [0, 1 / bands], and so on.
std::vector<std::array<std::uint8_t, 3>> band_colours(std::int64_t bands);

/// Pixels at the given points become black.
/// @param map    [3, H, W]; row 0 is `to`, column 0 is `from`
/// @param points [n, 2]: across and up; those outside are left out
Tensor with_dots(const Tensor& map, const Tensor& points, double from, double to);

}  // namespace varia::views
