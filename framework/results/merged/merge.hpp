#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "results/trial_info.hpp"

namespace varia::results {

/// What the merged file says of its experiment.
struct ExperimentInfo {
  std::string name;
  std::string yaml;     ///< the experiment file's text
  std::string created;  ///< ISO 8601
  std::string host;
  std::string versions;
  std::string plugins;  ///< digests, one plugin per line
};

/// A trial of the plan.
struct PlannedTrial {
  std::string id;
  /// Its published file or, while it is in progress, the newest of its own; need not exist.
  std::string path;
  std::vector<std::string> tags = {};  ///< what its row is to have
  std::map<std::string, std::string> notes = {};
};

struct MergeReport {
  std::size_t trials = 0;   ///< in the merged file
  std::size_t carried = 0;  ///< of these, taken over from the old merged file
  std::size_t pruned = 0;
  std::size_t partial = 0;              ///< planned trials that are in progress or were interrupted
  std::size_t failed = 0;               ///< planned trials that failed
  std::vector<std::string> missing;     ///< ids of planned trials without any result
  std::vector<std::string> unreadable;  ///< ids of trials whose files could not be read
  /// A line for each of these files, with what became of the trial's row.
  std::vector<std::string> problems;
};

/// Whether a trial keeps its row of the merged file in place of what its trial file has: if it was
/// finished, and what the file has is not.
bool is_carried(const TrialInfo& row, const TrialInfo& file);

/// Writes results/<name>.h5 (results/README.md is the reference of its layout) from the trial
/// files, in the order of the plan, through a temporary file and rename. Several processes may
/// merge at once: who finds that another one was faster starts again from what that one wrote.
///
/// A finished trial is never lost without `prune`, which drops the rows that are not planned: one
/// of the old file at `path` is carried over when it is not planned, when its trial file is missing
/// or cannot be read, and when its trial file is not done. Trials that are carried over and not
/// planned come last. Trials without a file in either place are left out, and named in the report.
/// @throws StoreError: no trial at all, the old file is not a results file or is of another
/// version,
///         the disk is full; the old file is intact then
MergeReport merge(const ExperimentInfo& experiment, const std::vector<PlannedTrial>& plan,
                  const std::string& path, bool prune = false);

}  // namespace varia::results
