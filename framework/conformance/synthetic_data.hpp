#pragma once

#include "varia/registry.hpp"

namespace varia::conformance {

/// Registers the data set `synthetic`: grey images [1, size, size] of three overlapping patterns,
/// labels 0 to 2; with `factors`, two of them, of which the first is the label.
/// @throws PluginError if another data set has the name
void add_synthetic_data(Registry& registry);

}  // namespace varia::conformance
