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

/// Points of `sweep.random` that a search has proposed, in order: maps from every key of `random`
/// to its value. They come after the points that are drawn at the start.
using ProposedPoints = std::vector<Value>;

/// Resolves every trial of an experiment. Where a search proposes points, `random` is the slowest
/// axis of the sweep, so that a plan with more proposals only has more trials at its end.
/// @param registry with the components of all plugins that the experiment needs
/// @throws ConfigError if a component is not known, a parameter is refused, a section is
///   missing, there are more than kMaxTrials trials, or two settings are the same trial; whatever
///   `digest_of` throws.
Plan make_plan(const Experiment& experiment, const Registry& registry,
               const DatasetDigest& digest_of, const ProposedPoints& proposed = {});

}  // namespace varia::experiment
