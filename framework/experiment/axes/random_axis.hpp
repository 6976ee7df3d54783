#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "experiment/yaml/dotted_key.hpp"

namespace varia::experiment {

inline constexpr std::int64_t kMaxRandomPoints = 100'000;

/// One key of a `random` map: a coordinate and the value that stands for it.
struct RandomDimension {
  enum class Scale { linear, logarithmic, integer, choice };

  Assignment target;  ///< without its value
  Scale scale = Scale::linear;
  double low = 0;            ///< of the values
  double high = 0;           ///< of the values, included
  std::vector<Value> items;  ///< of a choice

  /// The range of the coordinate: the values, their logarithms, a whole number with half a step on
  /// both sides, or places in `items` from 0.
  double lowest = 0;
  double highest = 0;
  /// The value at a coordinate; reals are rounded to six significant digits.
  Value value(double coordinate) const;
  /// The value at the part `u` of the whole, in [0, 1).
  Value quantile(double u) const;
  /// The coordinate of a value. @throws ConfigError if the dimension does not have it
  double coordinate(const Value& value) const;
};

/// The keys of a `random` map, besides `count`, in alphabetical order.
/// @throws ConfigError if a distribution is wrong
std::vector<RandomDimension> random_dimensions(const Value& random);

/// The `count` of a `random` map.
/// @throws ConfigError if it is missing or not in [1, kMaxRandomPoints].
std::int64_t random_count(const Value& random);

/// Draws the points of a `random` map: `{count: 8, KEY: {DISTRIBUTION: ARGUMENTS}, ...}`.
///
/// The coordinates of a point come jointly from a scrambled Sobol sequence over the keys in
/// alphabetical order, so their order in the file does not matter, and a higher count keeps the
/// points that were there. Reals are rounded to six significant digits, which makes them the same
/// on every machine. A point that was drawn before is left out, and the sequence continues.
/// @param seed of the experiment
/// @returns `count` different points; each has one assignment for every key
/// @throws ConfigError if a distribution is wrong, or there are too few different points.
std::vector<std::vector<Assignment>> draw_random_points(const Value& random, std::int64_t seed);

/// One of the distributions, as a JSON Schema (varia/parameter_schema.hpp).
Value distribution_schema();
/// What `random` takes, likewise.
/// @param targets      dotted keys
/// @param distribution what each of them takes
Value random_schema(const std::vector<std::string>& targets, const Value& distribution);

}  // namespace varia::experiment
