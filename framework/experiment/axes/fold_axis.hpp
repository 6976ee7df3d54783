#pragma once

#include "varia/value.hpp"

namespace varia::experiment {

/// Spells out the axis `data.fold: all` of a sweep: 0 .. data.folds - 1. Anything else is left as
/// it is.
/// @param sweep what stands at `sweep:`
/// @param tree  the experiment, overrides applied
/// @throws ConfigError where `data.folds` is no whole number from 2 to 10,000.
Value with_folds_spelled_out(Value sweep, const Value& tree);

}  // namespace varia::experiment
