#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "results/folder/trial_status.hpp"
#include "sweep/run.hpp"

namespace varia::sweep {

/// The states of the trials of a plan, and which of them its search has stopped. Each trial's file
/// is read once, however often this is called.
/// @throws StoreError if a file of the folder cannot be used by this version
std::vector<results::TrialStatus> trial_statuses(const experiment::Plan& plan,
                                                 const experiment::SharedSearch& search,
                                                 results::ResultsFolder& folder,
                                                 const Registry& registry,
                                                 const training::Environment& environment);

/// Whether a run would train the trial.
bool is_due(const results::TrialStatus& trial, RunOptions::Rerun rerun);

/// Those of the chosen trials that a run would train now, by their places in the plan.
/// @param trials the plan's
std::vector<std::size_t> due_trials(const std::vector<results::TrialStatus>& trials,
                                    std::vector<std::size_t> chosen, RunOptions::Rerun rerun);

/// Trains what is missing in worker processes, together with other runs that share the results
/// folder, and writes the merged file: at the end, and when it is stopped. To be called while the
/// process has no other threads that hold locks: it forks.
/// @param trials the plan's
/// @throws StoreError if results cannot be written; what was written before is intact
RunSummary run_experiment(const Run& run, const std::vector<results::TrialStatus>& trials);

}  // namespace varia::sweep
