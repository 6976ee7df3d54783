#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/options.hpp"
#include "cli/workspace.hpp"
#include "results/folder/results_folder.hpp"
#include "results/folder/trial_status.hpp"
#include "sweep/gpus/run_gpus.hpp"
#include "sweep/run_options.hpp"
#include "training/environment.hpp"

/// Training on this machine: what `varia run` does with one experiment, and `varia verify` with
/// several.
namespace varia::cli {

struct RunArguments : ExperimentOptions {
  sweep::RunOptions run;
  bool quiet = false;
  bool is_checked = false;     ///< `check_due` was called for this run
  bool prints_results = true;  ///< at the end
  bool live = false;           ///< serve the page that watches the run
  std::string live_host = "127.0.0.1";
  std::optional<int> live_port;  ///< none: the usual one, or the next that is free
};

/// Prepares the process for runs, before an experiment is read. The first signal asks the trials to
/// stop after their steps, or ends the process if nothing has begun. A second Ctrl-C ends the run
/// at once, unless it comes within 0.3 s; batch systems and wrappers send one signal on several
/// ways. That no one reads what is printed ends no run.
void prepare_local_runs();

/// The states of the trials of an experiment. Their files are read in a process apart first.
/// @throws StoreError if one of them is damaged, or cannot be used by this version
std::vector<results::TrialStatus> trial_statuses(const LoadedExperiment& loaded,
                                                 const Workspace& workspace,
                                                 const training::Environment& environment,
                                                 results::ResultsFolder& folder);

/// The GPUs of this machine that a run of some trials would take.
/// @throws ConfigError if one is asked for that is not there
sweep::RunGpus gpus_for(const LoadedExperiment& loaded, const std::vector<std::size_t>& chosen,
                        const experiment::RunParams& params);

/// Tries a batch of each setting that a run would train now. Nothing is written.
/// @returns what a user should know: settings whose process died, schedules that end too late
/// @throws ConfigError, DataError
std::vector<std::string> check_due(const RunArguments& arguments, Workspace& workspace,
                                   const LoadedExperiment& loaded,
                                   const std::vector<results::TrialStatus>& trials);

/// Trains what is missing of an experiment and merges its results, with all that is printed.
/// @param loaded in `workspace`
/// @returns kAllDone, kSomeFailed or kInterrupted
/// @throws ConfigError, DataError, StoreError, PluginError
ExitCode run_here(const RunArguments& arguments, Workspace& workspace, LoadedExperiment& loaded);

}  // namespace varia::cli
