#pragma once

#include <cstdint>
#include <vector>

#include "experiment/yaml/dotted_key.hpp"

namespace varia::experiment {

inline constexpr std::int64_t kMaxRandomPoints = 100'000;

/// The `count` of a `random` map.
/// @throws ConfigError where it is missing or not in [1, kMaxRandomPoints].
std::int64_t random_count(const Value& random);

/// Draws the points of a `random` map: `{count: 8, KEY: {DISTRIBUTION: ARGUMENTS}, ...}`.
///
/// The coordinates of a point come jointly from a scrambled Sobol sequence over the keys in
/// alphabetical order, so their order in the file does not matter, and a higher count keeps the
/// points that were there. Reals are rounded to six significant digits, which makes them the same
/// on every machine. A point that was drawn before is left out, and the sequence goes on.
/// @param seed of the experiment
/// @returns `count` different points; each has one assignment for every key
/// @throws ConfigError where a distribution is wrong, or there are too few different points.
std::vector<std::vector<Assignment>> draw_random_points(const Value& random, std::int64_t seed);

}  // namespace varia::experiment
