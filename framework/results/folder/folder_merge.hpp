#pragma once

#include "experiment/plan.hpp"
#include "results/folder/result_paths.hpp"
#include "results/merged/merge.hpp"

namespace varia::results {

/// Writes the merged file of a results folder: each trial of the plan from its published file, else
/// from what it has recorded so far.
/// @throws StoreError as merge()
MergeReport merge_folder(const experiment::Plan& plan, const ResultPaths& paths,
                         const ExperimentInfo& info, const MergeOptions& options = {});

/// The same, unless the merged file holds all that the trials' files hold.
MergeReport merge_if_changed(const experiment::Plan& plan, const ResultPaths& paths,
                             const ExperimentInfo& info);

/// Whether any trial of the plan has a file.
bool has_trial_files(const experiment::Plan& plan, const ResultPaths& paths);

}  // namespace varia::results
