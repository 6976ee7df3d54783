#pragma once

#include <string>
#include <vector>

#include "files/heartbeat.hpp"
#include "results/folder/result_paths.hpp"

namespace varia::results {

/// A run that has a heartbeat in the results folder.
struct RunAtWork {
  std::string id;
  files::RunInfo info;
  double silent = 0;  ///< seconds since its last heartbeat, by the clock of the file system
};

/// The runs of a results folder by id, as one look at their heartbeats tells. A run counts as at
/// work if its process is alive on this machine, or its last heartbeat on another one is younger
/// than a minute: this is what people are told. Who may take over a trial is decided by
/// files::RunWatch, without clocks.
std::vector<RunAtWork> runs_at_work(const ResultPaths& paths);

/// Removes what killed runs have left beside their trials: temporary files, and the heartbeats of
/// those that hold no trial. That of one that does stays: it tells the next run that it need not
/// wait. Files of other machines are removed when they are old (files::is_old).
void remove_dead_runs(const ResultPaths& paths);

}  // namespace varia::results
