#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "experiment/yaml/dotted_key.hpp"
#include "varia/error_list.hpp"

namespace varia::experiment {

inline constexpr std::uint64_t kMaxTrials = 1'000'000;

/// All that one stop on an axis sets, or one combination of all axes.
using Point = std::vector<Assignment>;

/// The values of a `sweep:`. The trials are all combinations, the last axis the fastest.
struct Sweep {
  std::vector<std::vector<Point>> axes;
  /// The dotted keys of the axes and the names of named axes, in the order of the file. What a
  /// variant merely sets is not among them: its name stands for it.
  std::vector<std::string> keys;

  /// The number of combinations, kMaxTrials + 1 if there are more; 1 without axes.
  std::uint64_t size() const;
  /// @param combination from 0 to size() - 1
  Point point(std::uint64_t combination) const;
};

/// Reads a `sweep:` map; null gives no axes.
/// @param seed of the experiment, for `random`
/// @param errors takes what is wrong in single axes, which are left out; null: it is thrown
/// @throws ConfigError for whatever is wrong in it, if two axes set one key, and if there are
///   more than kMaxTrials combinations: before any of them is made.
Sweep read_sweep(const Value& sweep, std::int64_t seed, ErrorList* errors = nullptr);

/// Spells out the axis `data.fold: all` of a sweep: 0 .. data.folds - 1. Anything else is left as
/// it is.
/// @param sweep what stands at `sweep:`
/// @param tree  the experiment, overrides applied
/// @throws ConfigError if `data.folds` is not a whole number from 2 to 10,000.
Value with_folds_spelled_out(Value sweep, const Value& tree);

/// What `sweep` takes, as definitions of a JSON Schema (varia/parameter_schema.hpp): "sweep", and
/// those that it refers to.
/// @param keys the dotted keys that declarations have, which are definitions themselves
Value sweep_definitions(const Value& keys);

}  // namespace varia::experiment
