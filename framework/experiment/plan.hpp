#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "experiment/experiment.hpp"
#include "experiment/trial.hpp"
#include "varia/registry.hpp"

namespace varia::experiment {

/// All trials of an experiment, in order: settings as the sweep writes them, the replicates of a
/// setting one after the other.
struct Plan {
  std::vector<Trial> trials;
  std::shared_ptr<const PlanInfo> info;
};

/// Says which content a resolved `data` section stands for (a hash of the files, say). Called once
/// for each different section, after all parameters were found valid.
using DatasetDigest = std::function<std::string(const Value& resolved_data)>;

/// Resolves every trial of an experiment.
/// @param registry with the components of all plugins that the experiment needs
/// @throws ConfigError where a component is not known, a parameter is refused, a section is
///   missing, there are more than kMaxTrials trials, or two settings are the same trial; whatever
///   `digest_of` throws.
Plan make_plan(const Experiment& experiment, const Registry& registry,
               const DatasetDigest& digest_of);

}  // namespace varia::experiment
