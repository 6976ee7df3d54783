#pragma once

#include "experiment/plan.hpp"
#include "runner/components.hpp"

namespace varia::sweep {

/// Tries the whole plan before anything is trained: opens the data, makes every distinct
/// combination of data, model, loss and optimizer, runs one batch through each and evaluates its
/// loss, and makes every metric and view.
/// @throws ConfigError naming the settings that fail; DataError
void preflight(const experiment::Plan& plan, const Registry& registry, DataCache& data);

}  // namespace varia::sweep
