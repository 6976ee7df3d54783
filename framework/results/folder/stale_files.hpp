#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "experiment/plan.hpp"
#include "results/folder/result_paths.hpp"
#include "results/folder/trial_state.hpp"

/// What runs leave behind that were killed between two steps of their bookkeeping.
namespace varia::results {

/// Removes the working files of a trial that are no newer than its published file: no one goes on
/// from them.
/// @param token of the published file
void remove_outdated(const ResultPaths& paths, const std::string& id, std::uint64_t token);

/// The same for all published trials of a plan.
void remove_outdated(const experiment::Plan& plan, const std::vector<PlannedState>& states,
                     const ResultPaths& paths);

/// Removes the beats of runs of this machine that are gone and hold no trial. That of one that does
/// stays: it tells the next run that it need not wait.
void remove_dead_runs(const ResultPaths& paths);

}  // namespace varia::results
