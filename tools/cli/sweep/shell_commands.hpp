#pragma once

#include <string>
#include <vector>

#include "cli/options.hpp"
#include "cli/workspace.hpp"
#include "results/folder/trial_status.hpp"

namespace varia::cli {

/// A script with one command for each of the chosen trials that is new or partial and that no run
/// is at work on; comments say what is left out, and how to merge afterwards.
/// @param trials all of the plan
/// @param chosen the trials, by their index
std::string shell_commands(const LoadedExperiment& loaded, const ExperimentOptions& options,
                           const std::vector<results::TrialStatus>& trials,
                           const std::vector<std::size_t>& chosen);

}  // namespace varia::cli
