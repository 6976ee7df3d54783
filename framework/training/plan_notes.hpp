#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "experiment/plan.hpp"
#include "training/data_cache.hpp"

namespace varia::training {

/// What a person may not expect of some trials: that the data have neither a test nor a validation
/// split; that `data.limit` leaves out nothing; that a schedule ends before it arrives, since it is
/// longer than the run. Each line says it once, with the place in the experiment file:
/// "e.yaml:6:9: loss.beta: the schedule linear goes up to 4, but ...".
/// @param places of the trials in the plan
/// @throws ConfigError, DataError
std::vector<std::string> plan_notes(const experiment::Plan& plan,
                                    const std::vector<std::size_t>& places,
                                    const Registry& registry, DataCache& data);

}  // namespace varia::training
