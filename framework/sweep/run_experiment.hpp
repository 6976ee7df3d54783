#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "experiment/plan.hpp"
#include "results/merged/merge.hpp"
#include "sweep/run_observer.hpp"
#include "sweep/search/point_chooser.hpp"
#include "sweep/workers/worker.hpp"

namespace varia::sweep {

struct RunOptions {
  bool rerun_failed = false;
  bool rerun_stale = false;
  /// The trials to run, by their places in the plan; nothing: all.
  std::optional<std::vector<std::size_t>> only;
  /// Wait for trials that another run is at work on, to take over those that it loses.
  bool wait_for_others = true;
  std::string experiment_yaml;  ///< left in the results folder
  bool merge = true;            ///< write the merged file at the end
  /// Runs what merges, and hands over what that returns, a line for each problem. The merge reads
  /// files that other processes wrote, so it may be given a process of its own; nothing: here.
  std::function<std::vector<std::string>(const std::function<std::vector<std::string>()>& merge)>
      merge_within;
  std::size_t jobs = 1;
  std::int64_t retries = 2;
  std::optional<std::chrono::duration<double>> trial_timeout;
  std::chrono::duration<double> checkpoint_every{60};
  std::chrono::duration<double> lease{60};
  /// When the machine is taken away. A trial is not started that, by what trials took so far, would
  /// not reach its first checkpoint before.
  std::optional<std::chrono::system_clock::time_point> deadline;
  /// What chooses among the trials; nothing: all are trained to their ends.
  std::optional<experiment::Search> search;
  /// With a search that proposes points.
  std::optional<Growth> growth;
};

/// What a run comes to.
struct RunSummary {
  std::size_t trained = 0;  ///< finished in this run
  std::size_t kept = 0;     ///< were done before, or by another run meanwhile
  std::size_t stopped = 0;  ///< by the search, before their ends
  std::size_t failed = 0;   ///< in this run or before
  std::size_t left = 0;     ///< neither: interrupted, or in the hands of another run
  bool interrupted = false;
};

/// Merging keeps what an older merged file has, so one that is there must be of this version.
/// @throws StoreError
void require_readable_results(const ResultPaths& paths);

/// The places in the plan of the trials that a run would train now.
/// @throws StoreError as require_readable_results
std::vector<std::size_t> due_trials(const experiment::Plan& plan, const Registry& registry,
                                    const training::Environment& environment,
                                    const ResultPaths& paths, const RunOptions& options);

/// Makes the results folder and checks that it can be written to.
/// @param experiment_yaml left there as experiment.yaml
/// @throws StoreError
void prepare_results(const ResultPaths& paths, const std::string& experiment_yaml);

/// Trains what is missing in worker processes, together with other runs that share the results
/// folder, and writes the merged file: at the end, and when it is stopped. To be called while the
/// process has no other threads that hold locks: it forks.
/// @param info is written into the merged file
/// @param stop set: the trials finish their steps, are checkpointed, and the run ends
/// @param abandon set: the run ends at once; what was not checkpointed is lost
/// @throws StoreError where results cannot be written; what was written before is intact
RunSummary run_experiment(const experiment::Plan& plan, const Registry& registry,
                          training::DataCache& data, const training::Environment& environment,
                          const results::ExperimentInfo& info, const ResultPaths& paths,
                          const RunOptions& options, const std::atomic<bool>& stop,
                          const std::atomic<bool>& abandon, RunObserver& observer);

/// The merge alone. @returns what it reports
results::MergeReport merge_experiment(const experiment::Plan& plan, const ResultPaths& paths,
                                      const results::ExperimentInfo& info, bool prune = false);

}  // namespace varia::sweep
