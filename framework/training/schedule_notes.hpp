#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "experiment/plan.hpp"
#include "training/data_cache.hpp"

namespace varia::training {

/// What a person may not expect of the schedules of some trials: that one ends before it arrives,
/// since it is longer than the run. Each line says it once, with the place in the experiment file
/// and the value that is reached: "e.yaml:6:9: loss.beta: the schedule linear goes up to 4, but
/// ...".
/// @param places of the trials in the plan
/// @throws ConfigError, DataError
std::vector<std::string> schedule_notes(const experiment::Plan& plan,
                                        const std::vector<std::size_t>& places,
                                        const Registry& registry, DataCache& data);

}  // namespace varia::training
