#include "sweep/run_experiment.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "store/results.hpp"
#include "varia/error.hpp"

namespace varia::sweep {

namespace fs = std::filesystem;

namespace {

/// Merging keeps what an older file has, so that one must be of this version.
void require_readable(const fs::path& merged) {
  if (!fs::exists(merged)) return;
  try {
    store::open_results(merged.string());
  } catch (const StoreError& error) {
    throw StoreError("", fmt::format("{}; nothing was trained. Move it away, or give this run "
                                     "results of its own with --name",
                                     error.what()));
  }
}

/// A run that was killed may have finished trials that the merged file lacks.
bool is_newer_than(const std::vector<store::PlannedTrial>& trials, const fs::path& merged) {
  const auto merged_at = fs::last_write_time(merged);
  std::error_code error;
  for (const auto& trial : trials) {
    const auto written_at = fs::last_write_time(trial.path, error);
    if (!error && written_at > merged_at) return true;
  }
  return false;
}

}  // namespace

ResultsFolder::ResultsFolder(ResultPaths paths) : paths_(std::move(paths)) {
  require_readable(paths_.merged());
  const auto folder = paths_.folder();
  std::error_code error;
  for (const auto* part : {"trials", "models"}) {
    fs::create_directories(folder / part, error);
    if (error)
      throw StoreError(folder.string(), "the results folder cannot be created: " + error.message() +
                                            "; choose another one with --results");
  }
  const auto lock = folder / ".lock";
  lock_ = open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock_ < 0)
    throw StoreError(folder.string(), fmt::format("the results folder cannot be written to: {}; "
                                                  "choose another one with --results",
                                                  std::strerror(errno)));
  if (flock(lock_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    close(lock_);
    throw StoreError(folder.string(),
                     "another run of this experiment is at work here; wait for its end, or give "
                     "this one its own results with --name");
  }
}

ResultsFolder::~ResultsFolder() { close(lock_); }

RunSummary run_experiment(const experiment::Plan& plan, const Registry& registry, DataCache& data,
                          const Environment& environment, const store::ExperimentInfo& info,
                          const ResultsFolder& folder, const RunOptions& options,
                          const std::atomic<bool>& stop, RunObserver& observer) {
  const auto& paths = folder.paths();
  RunSummary summary;
  struct Todo {
    const experiment::Trial& trial;
    std::int64_t finished_records;
  };
  std::vector<Todo> todo;
  std::vector<store::PlannedTrial> planned;
  std::vector<PlannedState> states;
  for (const auto& trial : plan.trials) states.push_back(state_of(trial, paths));
  observer.on_plan(plan, states);
  for (std::size_t i = 0; i < states.size(); ++i) {
    const auto& trial = plan.trials[i];
    const auto& [state, reason, finished_records] = states[i];
    planned.push_back({trial.id, paths.trial(trial.id).string()});
    if (state == TrialState::done) {
      ++summary.kept;
    } else if (state == TrialState::failed && !options.rerun_failed) {
      ++summary.failed;
      observer.on_note(fmt::format("trial {} failed before ({}); --rerun failed tries it again",
                                   trial.id, reason));
    } else {
      todo.push_back({trial, finished_records});
    }
  }

  std::size_t number = 0;
  for (const auto& [trial, finished_records] : todo) {
    summary.interrupted = stop;
    if (summary.interrupted) break;
    observer.on_trial_start(trial, ++number, todo.size());
    const auto outcome = run_trial({trial, registry, data, environment, paths.trial(trial.id),
                                    paths.parameters(trial.id), stop, finished_records},
                                   observer);
    observer.on_trial_end(trial, outcome);
    if (outcome.end == TrialEnd::done) ++summary.trained;
    if (outcome.end == TrialEnd::failed) ++summary.failed;
    summary.interrupted = outcome.end == TrialEnd::interrupted;
    if (summary.interrupted) break;
  }

  const bool any = std::any_of(planned.begin(), planned.end(),
                               [](const auto& trial) { return fs::exists(trial.path); });
  if (any && (!fs::exists(paths.merged()) || is_newer_than(planned, paths.merged()))) {
    for (const auto& problem : store::merge(info, planned, paths.merged().string()).problems)
      observer.on_note(problem);
  }
  return summary;
}

}  // namespace varia::sweep
