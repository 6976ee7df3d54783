#pragma once

#include <string>
#include <vector>

#include "experiment/yaml/dotted_key.hpp"

namespace varia::experiment {

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
  double lowest() const;
  double highest() const;
  /// The value at a coordinate; reals are rounded to six significant digits.
  Value value(double coordinate) const;
  /// The value at the part `u` of the whole, in [0, 1).
  Value quantile(double u) const;
  /// The coordinate of a value. @throws ConfigError where it is none of this dimension
  double coordinate(const Value& value) const;
};

/// The keys of a `random` map, besides `count`, in alphabetical order.
/// @throws ConfigError where a distribution is wrong
std::vector<RandomDimension> random_dimensions(const Value& random);

}  // namespace varia::experiment
