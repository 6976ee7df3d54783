#pragma once

#include <chrono>
#include <filesystem>
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

/// The runs of a results folder, as one look at their heartbeats tells. A run counts as at work if
/// its process is alive on this machine, or its last heartbeat on another one is younger than
/// kPatience: this is what people are told. Who may take over a trial is decided by
/// files::RunWatch, without clocks.
class RunsAtWork {
 public:
  /// @param folder of the heartbeats; it need not exist
  explicit RunsAtWork(const std::filesystem::path& folder);

  const std::vector<RunAtWork>& all() const { return runs_; }
  /// Null if it is not at work.
  const RunAtWork* find(const std::string& run) const;

  static constexpr std::chrono::seconds kPatience{60};

 private:
  std::vector<RunAtWork> runs_;  // by id
};

/// Removes the heartbeats of runs of this machine that are gone and hold no trial. That of one that
/// does stays: it tells the next run that it need not wait.
void remove_dead_runs(const ResultPaths& paths);

}  // namespace varia::results
