#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "experiment/params/run_params.hpp"
#include "experiment/plan.hpp"
#include "results/folder/results_folder.hpp"
#include "results/folder/trial_status.hpp"
#include "results/merged/merge.hpp"
#include "sweep/gpus/run_gpus.hpp"
#include "sweep/run_observer.hpp"
#include "sweep/run_options.hpp"
#include "sweep/search/tpe_sampler.hpp"
#include "training/data_cache.hpp"
#include "training/environment.hpp"

namespace varia::sweep {

/// What merges, and returns a line for each problem.
using Merge = std::function<std::vector<std::string>()>;

/// A run of an experiment: what it works on and with. All that it refers to outlives it.
struct Run {
  experiment::Plan& plan;  ///< a search adds trials; the others keep their indices
  const Registry& registry;
  training::DataCache& data;
  const training::Environment& environment;
  results::ResultsFolder& folder;
  const experiment::RunParams& params;
  const RunOptions& options;
  std::vector<std::size_t> chosen;  ///< the trials to run, by their index
  RunGpus gpus;
  /// What chooses among the trials; null: all are trained to their ends.
  experiment::SharedSearch search;
  std::optional<Growth> growth;  ///< with a search that proposes points, unless trials are chosen
  results::ExperimentInfo info;  ///< is written into the merged file
  /// Is left in the results folder with the list of trials; empty: what is there stays.
  std::string experiment_yaml;
  /// Runs `merge`. It reads files that other processes wrote, so it may be given a process of its
  /// own.
  std::function<std::vector<std::string>(const Merge& merge)> merge_within;
  /// Set: the trials finish their steps, are checkpointed, and the run ends.
  const std::atomic<bool>& stop;
  /// Set: the run ends at once; what was not checkpointed is lost.
  const std::atomic<bool>& abandon;
  std::vector<RunObserver*> observers;

  /// Calls a function of each observer, in their order.
  template <class Function, class... Arguments>
  void tell(Function function, const Arguments&... arguments) const {
    for (RunObserver* observer : observers) (observer->*function)(arguments...);
  }
};

/// What a run comes to.
struct RunSummary {
  std::size_t trained = 0;  ///< finished in this run
  std::size_t kept = 0;     ///< were done before, or by another run meanwhile
  std::size_t stopped = 0;  ///< by the search, before their ends
  std::size_t failed = 0;   ///< in this run or before
  std::size_t left = 0;     ///< neither: interrupted, or in the hands of another run
  bool interrupted = false;
  bool incomplete = false;  ///< ended, and the results are not all that was asked: a note says why
};

/// The states of the trials of a plan, and which of them its search has stopped. Each trial's file
/// is read once, however often this is called.
/// @throws StoreError if a file of the folder cannot be used by this version
std::vector<results::TrialStatus> trial_statuses(const experiment::Plan& plan,
                                                 const experiment::SharedSearch& search,
                                                 results::ResultsFolder& folder,
                                                 const Registry& registry,
                                                 const training::Environment& environment);

/// Whether a run would train the trial.
bool is_due(const results::TrialStatus& trial, const Rerun& rerun);

/// Those of the chosen trials that a run would train now, by their index.
/// @param trials the plan's
std::vector<std::size_t> due_trials(const std::vector<results::TrialStatus>& trials,
                                    std::vector<std::size_t> chosen, const Rerun& rerun);

/// Trains what is missing in worker processes, together with other runs that share the results
/// folder, and writes the merged file: at the end, and when it is stopped. To be called while the
/// process has no other threads that hold locks: it forks.
/// @param trials the plan's
/// @throws StoreError if results cannot be written; what was written before is intact
RunSummary run_experiment(const Run& run, const std::vector<results::TrialStatus>& trials);

}  // namespace varia::sweep
