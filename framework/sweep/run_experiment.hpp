#pragma once

#include <atomic>
#include <filesystem>
#include <vector>

#include "experiment/plan.hpp"
#include "sweep/result_paths.hpp"
#include "runner/run_trial.hpp"
#include "sweep/trial_state.hpp"
#include "store/merge.hpp"

namespace varia::sweep {

/// Hears how a whole experiment goes.
class RunObserver : public TrialObserver {
 public:
  /// Called first. @param states what the results folder holds of each trial of the plan
  virtual void on_plan(const experiment::Plan& plan, const std::vector<PlannedState>& states) {}
  /// @param number from 1 to `total`, of the trials that are run
  virtual void on_trial_start(const experiment::Trial& trial, std::size_t number,
                              std::size_t total) = 0;
  virtual void on_trial_end(const experiment::Trial& trial, const TrialOutcome& outcome) = 0;
  /// Something that people should know, and that stops nothing.
  virtual void on_note(const std::string& note) = 0;
};

struct RunOptions {
  bool rerun_failed = false;
};

/// What a run comes to.
struct RunSummary {
  std::size_t trained = 0;  ///< finished in this run
  std::size_t kept = 0;     ///< were done before
  std::size_t failed = 0;   ///< in this run or before
  bool interrupted = false;
};

/// The folder of an experiment's results, held by one run at a time.
class ResultsFolder {
 public:
  /// Creates it and takes its lock. Checks that it can be written to, and that a merged file that
  /// is there is of this version.
  /// @throws StoreError
  explicit ResultsFolder(ResultPaths paths);
  ~ResultsFolder();
  ResultsFolder(const ResultsFolder&) = delete;
  ResultsFolder& operator=(const ResultsFolder&) = delete;
  const ResultPaths& paths() const { return paths_; }

 private:
  ResultPaths paths_;
  int lock_ = -1;
};

/// Trains what is missing, one trial after another, and writes the merged file: at the end, and
/// when it is stopped.
/// @param info is written into the merged file
/// @throws StoreError where results cannot be written; what was written before is intact
RunSummary run_experiment(const experiment::Plan& plan, const Registry& registry, DataCache& data,
                          const Environment& environment, const store::ExperimentInfo& info,
                          const ResultsFolder& folder, const RunOptions& options,
                          const std::atomic<bool>& stop, RunObserver& observer);

}  // namespace varia::sweep
