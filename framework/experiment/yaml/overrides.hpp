#pragma once

#include <string>
#include <vector>

#include "experiment/yaml/dotted_key.hpp"

namespace varia::experiment {

/// Applies the `KEY=VALUE` of the command line to an experiment's tree, its sweep included.
/// @returns those that set a key in a section, sorted for assigning; they are applied already, and
///   `make_plan` applies them again after the axes of the sweep.
/// @throws ConfigError for text that is not `KEY=VALUE`, and if nothing has that key.
std::vector<Assignment> apply_overrides(Value& tree, const std::vector<std::string>& overrides);

}  // namespace varia::experiment
