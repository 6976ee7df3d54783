#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "varia/draw.hpp"

namespace varia::densities {

/// Points to fit to, as [N, D] float64 on the CPU, contiguous.
/// @param name of the density, for messages
/// @throws TrialError if the shape is another one, there is no point, or one is not finite.
Tensor points_to_fit(const std::string& name, const Tensor& points);

/// Points at which a density is asked for, as [n, D] float64 on the CPU, contiguous.
/// @param dimensions D of the fit; 0: there was none
/// @throws TrialError if there was no fit, the shape is another one, or a point is not finite.
Tensor points_to_judge(const std::string& name, const Tensor& points, std::int64_t dimensions);

/// @throws TrialError if there was no fit (`dimensions` is 0) or `n` is negative.
void require_fit(const std::string& name, std::int64_t dimensions, std::int64_t n = 0);

/// Uniform float64 numbers in (0, 1) of 46 bits.
Tensor uniform_doubles(Draw& draw, at::IntArrayRef sizes);

/// `n` independent draws of 0 .. m-1 in proportion to the weights.
/// @param weights [m] float64, none negative, some positive
/// @returns       [n] int64
Tensor draw_index(const Tensor& weights, std::int64_t n, Draw& draw);

/// Calls `use(begin, end)` for parts of 0 .. rows, each of at most `entries` / `width` rows (but at
/// least one), so that what is computed for a part stays in the cache.
template <class Use>
void in_parts(std::int64_t rows, std::int64_t width, std::int64_t entries, const Use& use) {
  const auto most = std::max<std::int64_t>(1, entries / std::max<std::int64_t>(1, width));
  for (std::int64_t begin = 0; begin < rows; begin += most)
    use(begin, std::min(begin + most, rows));
}
/// For `entries`: 1 MB of float64.
constexpr std::int64_t kPart = std::int64_t{1} << 17;

}  // namespace varia::densities
