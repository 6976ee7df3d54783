#include "sweep/run_experiment.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <filesystem>
#include <set>
#include <system_error>
#include <unordered_map>

#include "files/lease.hpp"
#include "files/whole_file.hpp"
#include "results/folder/left_behind.hpp"
#include "results/folder/trial_list.hpp"
#include "results/merged/results.hpp"
#include "sweep/search/halving_chooser.hpp"
#include "sweep/supervisor.hpp"
#include "varia/error.hpp"

namespace varia::sweep {

namespace fs = std::filesystem;

namespace {

/// Where a trial's results are: its published file, else what it has recorded so far.
fs::path newest_file(const std::string& id, const ResultPaths& paths) {
  const auto published = paths.trial(id);
  if (fs::exists(published)) return published;
  const auto files = files::token_files(paths.under_way(id), "trial", ".h5");
  return files.empty() ? published : files.front().path;
}

/// Whether a row of the merged file is what its trial's file gives it.
bool is_row_of(const results::TrialInfo& row, const results::TrialInfo& file) {
  const bool is_same = row.token == file.token && row.status == file.status &&
                       row.epochs_done == file.epochs_done && row.error == file.error;
  // A finished trial is carried over (store/merged/merge.hpp).
  return is_same ||
         (row.status == results::TrialState::done && file.status != results::TrialState::done &&
          (file.status == results::TrialState::failed || file.epochs_done < row.epochs_done));
}

/// True where the merged file lacks what the trials' files have. Their times tell nothing: a clock
/// may have been set back, or another run may have merged fewer of them just now.
bool lacks_any(const fs::path& merged, const std::vector<results::PlannedTrial>& trials) {
  std::unordered_map<std::string, results::TrialInfo> rows;
  for (auto& row : results::read_merged_trials(merged.string())) {
    const auto id = row.id;
    rows.emplace(id, std::move(row));
  }
  std::error_code ignored;
  for (const auto& trial : trials) {
    if (!fs::exists(trial.path, ignored)) continue;
    const auto row = rows.find(trial.id);
    if (row == rows.end()) return true;
    try {
      if (!is_row_of(row->second, results::read_trial_info(trial.path))) return true;
    } catch (const StoreError&) {
      // Damaged: there is nothing to add.
    }
  }
  return false;
}

std::vector<results::PlannedTrial> files_of(const experiment::Plan& plan,
                                            const ResultPaths& paths) {
  std::vector<results::PlannedTrial> files;
  for (const auto& trial : plan.trials)
    files.push_back({trial.id, newest_file(trial.id, paths).string()});
  return files;
}

/// Opens the data of the trials here, so that the workers share it.
void open_data(const experiment::Plan& plan, const std::deque<Task>& tasks,
               training::DataCache& data) {
  std::set<const Value*> opened;
  for (const auto& task : tasks) {
    const auto& section = plan.trials[task.trial].data;
    if (opened.insert(section.get()).second) data.get(*section);
  }
}

}  // namespace

void require_readable_results(const ResultPaths& paths) {
  const auto merged = paths.merged();
  if (!fs::exists(merged)) return;
  try {
    results::open_results(merged.string());
  } catch (const StoreError& error) {
    throw StoreError("", fmt::format("{}; nothing was trained. Move it away, or give this run "
                                     "results of its own with --name",
                                     error.what()));
  }
}

void prepare_results(const ResultPaths& paths, const std::string& experiment_yaml) {
  const auto folder = paths.folder();
  std::error_code error;
  for (const auto& part : {paths.trials(), folder / "models", paths.checkpoints(), paths.runs()}) {
    fs::create_directories(part, error);
    if (error)
      throw StoreError(folder.string(), "the results folder cannot be created: " + error.message() +
                                            "; choose another one with --results");
  }
  if (::access(paths.runs().c_str(), W_OK) != 0)
    throw StoreError(folder.string(), "the results folder cannot be written to: " +
                                          std::generic_category().message(errno) +
                                          "; choose another one with --results");
  try {
    files::write_if_changed((folder / "experiment.yaml").string(), experiment_yaml);
  } catch (const StoreError& failure) {
    throw StoreError("", fmt::format("{}; choose another folder with --results", failure.what()));
  }
}

namespace {

/// Whether its result stays as it is.
bool is_kept(const PlannedState& state, const RunOptions& options) {
  return state.state == TrialState::done ||
         (state.state == TrialState::stale && !options.rerun_stale);
}

bool failed_before(const PlannedState& state, const RunOptions& options) {
  return state.state == TrialState::failed && !options.rerun_failed;
}

/// Sorts trials out: those that are kept, those that failed before, and tasks.
class Admission {
 public:
  Admission(const RunOptions& options, RunObserver& observer, RunSummary& summary)
      : options_(options), observer_(observer), summary_(summary) {}

  void add(std::size_t place, const experiment::Trial& trial, const PlannedState& state,
           std::deque<Task>& tasks) {
    if (is_kept(state, options_)) {
      ++summary_.kept;
    } else if (failed_before(state, options_)) {
      ++summary_.failed;
      observer_.on_note(fmt::format("trial {} failed before ({}); --rerun failed tries it again",
                                    trial.id, state.reason));
    } else {
      Task task;
      task.trial = place;
      task.number = tasks.size() + 1;
      task.finished_records = state.finished_records;
      task.published = state.token;
      tasks.push_back(std::move(task));
    }
  }

 private:
  const RunOptions& options_;
  RunObserver& observer_;
  RunSummary& summary_;
};

}  // namespace

std::vector<std::size_t> due_trials(const experiment::Plan& plan, const Registry& registry,
                                    const training::Environment& environment,
                                    const ResultPaths& paths, const RunOptions& options) {
  require_readable_results(paths);
  TrialStates look(paths, registry, environment);
  std::vector<std::size_t> due;
  const auto add = [&](std::size_t place) {
    const auto state = look.of(plan.trials[place]);
    if (!is_kept(state, options) && !failed_before(state, options)) due.push_back(place);
  };
  if (options.only)
    for (const auto i : *options.only) add(i);
  else
    for (std::size_t i = 0; i < plan.trials.size(); ++i) add(i);
  return due;
}

RunSummary run_experiment(const experiment::Plan& first_plan, const Registry& registry,
                          training::DataCache& data, const training::Environment& environment,
                          const results::ExperimentInfo& info, const ResultPaths& paths,
                          const RunOptions& options, const std::atomic<bool>& stop,
                          const std::atomic<bool>& abandon, RunObserver& observer) {
  RunSummary summary;
  auto plan = first_plan;  // a search may add trials
  require_readable_results(paths);
  const auto states = states_of(plan, paths, registry, environment);
  prepare_results(paths, options.experiment_yaml);
  write_trial_list(plan, paths);
  observer.on_plan(plan, states);
  remove_outdated(plan, states, paths);

  Admission admission(options, observer, summary);
  std::deque<Task> tasks;
  if (options.only) {
    for (const auto i : *options.only) admission.add(i, plan.trials[i], states[i], tasks);
  } else {
    for (std::size_t i = 0; i < plan.trials.size(); ++i)
      admission.add(i, plan.trials[i], states[i], tasks);
  }
  const auto admit = [&](std::size_t first) {
    std::deque<Task> more;
    TrialStates look(paths, registry, environment);
    for (auto i = first; i < plan.trials.size(); ++i)
      admission.add(i, plan.trials[i], look.of(plan.trials[i]), more);
    write_trial_list(plan, paths);
    observer.on_growth(plan, first);
    return more;
  };

  std::unique_ptr<TrialChooser> chooser = std::make_unique<TrialChooser>();
  if (options.search && options.search->asha() != nullptr)
    chooser = std::make_unique<HalvingChooser>(plan, *options.search, paths, states, tasks);
  const bool grows = options.growth && !options.only;
  if (grows)
    chooser = std::make_unique<PointChooser>(
        plan, *options.search, *options.growth, paths,
        std::chrono::duration_cast<std::chrono::milliseconds>(options.lease), admit);
  if (!tasks.empty() || grows) {
    open_data(plan, tasks, data);
    const WorkerSetup setup{plan,
                            registry,
                            data,
                            environment,
                            paths,
                            options.checkpoint_every,
                            observer.wants_pictures()};
    Supervisor(setup, options, *chooser, stop, abandon, observer).run(std::move(tasks), summary);
  }

  remove_dead_runs(paths);

  const auto planned = files_of(plan, paths);
  const bool any = std::any_of(planned.begin(), planned.end(),
                               [](const auto& trial) { return fs::exists(trial.path); });
  const auto merge = [&]() -> std::vector<std::string> {
    if (fs::exists(paths.merged()) && !lacks_any(paths.merged(), planned)) return {};
    return results::merge(info, planned, paths.merged().string()).problems;
  };
  if (options.merge && any)
    for (const auto& problem : options.merge_within ? options.merge_within(merge) : merge())
      observer.on_note(problem);
  return summary;
}

results::MergeReport merge_experiment(const experiment::Plan& plan, const ResultPaths& paths,
                                      const results::ExperimentInfo& info, bool prune) {
  return results::merge(info, files_of(plan, paths), paths.merged().string(), prune);
}

}  // namespace varia::sweep
