#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "experiment/plan.hpp"
#include "results/folder/results_folder.hpp"
#include "results/merged/merge.hpp"

namespace varia::results {

/// Writes the merged file of a results folder: each trial of the plan from its published file, else
/// from what it has recorded so far, as they are now.
/// @param prune drop trials of the old merged file that are not planned
/// @throws StoreError as merge()
MergeReport merge_folder(const experiment::Plan& plan, ResultsFolder& folder,
                         const ExperimentInfo& info, bool prune = false);

/// The same, unless the merged file holds all that the trials' files hold, or there are none.
MergeReport merge_if_changed(const experiment::Plan& plan, ResultsFolder& folder,
                             const ExperimentInfo& info);

struct PackReport {
  std::size_t removed = 0;  ///< trial files
  double bytes = 0;         ///< that they took
  /// Why a trial file of a finished trial stays, one line each: it does not hold what the merged
  /// file holds, or a run is at work on the trial.
  std::vector<std::string> kept;
};

/// Removes the trial files of finished trials that the merged file holds to the last bit; every
/// value is compared before. Parameters stay. Each file is removed under the trial's lease, so that
/// none is lost that another run has just published.
/// @throws StoreError if the merged file cannot be read, or a file cannot be removed
PackReport pack(const experiment::Plan& plan, ResultsFolder& folder);

}  // namespace varia::results
