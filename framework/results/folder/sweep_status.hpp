#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "experiment/plan.hpp"
#include "results/folder/results_folder.hpp"
#include "results/folder/trial_status.hpp"

namespace varia::results {

/// Writes which trials the plan has to `results/<name>/plan.tsv`, one per line: id, records of the
/// whole trial, train.keep, label. So the files alone tell how far a sweep is. Each run does it at
/// its start; the last one counts.
/// @throws StoreError
void write_trial_list(const experiment::Plan& plan, const ResultPaths& paths);

/// The trials of such a file, with what it says of them; none if it is not there.
/// @throws StoreError if it is not a list of trials
std::vector<TrialStatus> read_trial_list(const ResultPaths& paths);

/// How far a sweep is, from its files alone.
struct SweepStatus {
  std::string name;
  /// Trials that it is to have, by the list that its last run or submission left; 0: there is none,
  /// and what is missing cannot be told.
  std::size_t expected = 0;
  std::size_t done = 0;
  std::size_t packed = 0;   ///< of those done: rows of the merged file without a trial file
  std::size_t shorter = 0;  ///< of those done: with fewer epochs than are asked for now
  std::size_t without_parameters = 0;  ///< of those done: train.keep asks for them now
  std::size_t untouched = 0;           ///< expected, and nothing is there
  std::size_t unplanned = 0;           ///< there, and not expected
  std::vector<TrialStatus> failed;
  std::vector<TrialStatus> in_progress;  ///< a run is at work on them
  std::vector<TrialStatus> paused;       ///< none is: interrupted, or stopped by a search
  std::vector<RunAtWork> runs;
  std::vector<std::string> problems;  ///< files that cannot be read, one line each
  /// Until all that is expected is done, with as many trials at once as now; NaN: not known.
  double seconds_left = 0;
};

/// Reads trial files, checkpoints, heartbeats, the list of trials and the merged file.
/// @throws StoreError if there are no results of that name
SweepStatus read_status(const ResultPaths& paths);

}  // namespace varia::results
