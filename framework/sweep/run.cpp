#include "sweep/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <filesystem>
#include <memory>
#include <set>

#include "results/folder/folder_merge.hpp"
#include "results/folder/sweep_status.hpp"
#include "results/folder/trial_states.hpp"
#include "sweep/cores.hpp"
#include "sweep/search/asha_scheduler.hpp"
#include "sweep/search/tpe_sampler.hpp"
#include "sweep/supervisor.hpp"
#include "varia/error.hpp"

namespace varia::sweep {

using results::TrialState;

namespace {

/// Whether its result stays as it is.
bool is_kept(const results::TrialStatus& trial, const Rerun& rerun) {
  return trial.state == TrialState::done ||
         (trial.state == TrialState::stale && !rerun.covers(trial));
}

/// Adds a task for the trial unless it is kept, or failed before.
void admit(const Run& run, std::size_t index, const results::TrialStatus& trial,
           std::deque<Task>& tasks, RunSummary& summary) {
  const auto& rerun = run.options.rerun;
  if (is_due(trial, rerun)) {
    Task task;
    task.trial = index;
    task.number = tasks.size() + 1;
    task.finished_records = trial.finished_records();
    task.published_token = trial.published.token;
    tasks.push_back(std::move(task));
  } else if (is_kept(trial, rerun)) {
    ++summary.kept;
  } else {
    ++summary.failed;
    run.tell(&RunObserver::on_note,
             fmt::format("trial {} failed before ({}); --rerun failed tries it again", trial.id,
                         trial.reason.text()));
  }
}

/// Opens the data of the trials here, so that the workers share it.
void open_data(const Run& run, const std::deque<Task>& tasks) {
  std::set<const Value*> opened;
  for (const auto& task : tasks) {
    const auto& section = run.plan.trials[task.trial].data;
    if (opened.insert(section.get()).second) run.data.get(*section);
  }
}

/// Removes what killed runs left of trials that are published.
void remove_outdated(const Run& run, const std::vector<results::TrialStatus>& trials) {
  for (const auto& trial : trials)
    if (run.folder.has_begun(trial.id)) run.folder.remove_outdated(trial.id, trial.published.token);
}

/// Says so if trials that count as done or failed are not in the merged file, nor, without a merge,
/// in files of their own: someone has removed them.
void check_completeness(const Run& run, std::vector<std::size_t> indices, RunSummary& summary) {
  const auto settled = summary.trained + summary.kept + summary.failed;
  const auto id_of = [&](std::size_t index) { return run.plan.trials[index].id; };
  std::size_t held = 0;
  if (!run.options.merge)
    held = std::erase_if(indices, [&](std::size_t index) {
      std::error_code ignored;
      return std::filesystem::exists(run.folder.paths().trial(id_of(index)), ignored);
    });
  // After the look at their files, which another run may pack.
  const auto& rows = run.folder.merged_again();
  held += static_cast<std::size_t>(std::ranges::count_if(indices, [&](std::size_t index) {
    const auto row = rows.find(id_of(index));
    return row != rows.end() && row->second.status != TrialState::partial;
  }));
  if (held >= settled) return;
  summary.incomplete = true;
  run.tell(&RunObserver::on_note,
           fmt::format("the results lack {} of {} trials that are done: their files were removed "
                       "from {} during the run; run again",
                       settled - held, settled, run.folder.paths().trials().string()));
}

/// Looks at the trials that have come into the plan, from the index `first` on, and adds tasks.
void admit_new(const Run& run, std::size_t first, std::deque<Task>& tasks, RunSummary& summary) {
  results::TrialStates states(run.folder, run.registry, run.environment.versions);
  for (auto i = first; i < run.plan.trials.size(); ++i) {
    run.folder.look_again(run.plan.trials[i].id);
    admit(run, i, states.of(run.plan.trials[i]), tasks, summary);
  }
  results::write_trial_list(run.plan, run.folder.paths());
  run.tell(&RunObserver::on_growth, run.plan, first);
}

}  // namespace

std::vector<results::TrialStatus> trial_statuses(const experiment::Plan& plan,
                                                 const experiment::SharedSearch& search,
                                                 results::ResultsFolder& folder,
                                                 const Registry& registry,
                                                 const training::Environment& environment) {
  auto trials = results::TrialStates(folder, registry, environment.versions).of(plan);
  explain_search(plan, search, folder, trials);
  return trials;
}

bool is_due(const results::TrialStatus& trial, const Rerun& rerun) {
  const bool failed_before = trial.state == TrialState::failed && !rerun.covers(trial);
  return !failed_before && !is_kept(trial, rerun);
}

std::vector<std::size_t> due_trials(const std::vector<results::TrialStatus>& trials,
                                    std::vector<std::size_t> chosen, const Rerun& rerun) {
  std::erase_if(chosen, [&](std::size_t index) { return !is_due(trials[index], rerun); });
  return chosen;
}

RunSummary run_experiment(const Run& run, const std::vector<results::TrialStatus>& trials) {
  RunSummary summary;
  auto indices = run.chosen;
  results::prepare_results(run.folder.paths(), run.experiment_yaml);
  if (!run.experiment_yaml.empty()) results::write_trial_list(run.plan, run.folder.paths());
  run.tell(&RunObserver::on_plan, run.plan, trials);
  remove_outdated(run, trials);

  std::deque<Task> tasks;
  for (const auto index : run.chosen) admit(run, index, trials[index], tasks, summary);

  std::deque<Task> admitted;
  auto scheduler = std::make_unique<TrialScheduler>();
  if (run.search && run.search->asha())
    scheduler = std::make_unique<AshaScheduler>(run.plan, *run.search, run.folder, trials,
                                                due_trials(trials, run.chosen, run.options.rerun));
  if (run.growth)
    scheduler = std::make_unique<TpeSampler>(
        run.plan, *run.search, *run.growth, run.folder,
        std::chrono::milliseconds(static_cast<std::int64_t>(1000 * run.params.lease())),
        [&](std::size_t first) {
          admit_new(run, first, admitted, summary);
          return !admitted.empty();
        });
  if (!tasks.empty() || run.growth) {
    open_data(run, tasks);
    Supervisor(run, *scheduler, admitted).run(std::move(tasks), summary);
  }
  if (const auto problem = scheduler->problem(); !problem.empty() && !run.stop) {
    summary.incomplete = true;
    run.tell(&RunObserver::on_note, problem);
  }
  results::remove_dead_runs(run.folder.paths());

  const auto merge = [&] {
    return results::merge_if_changed(run.plan, run.folder, run.info).problems;
  };
  if (run.options.merge)
    for (const auto& problem : run.merge_within(merge)) run.tell(&RunObserver::on_note, problem);
  for (auto i = trials.size(); i < run.plan.trials.size(); ++i) indices.push_back(i);
  if (!run.abandon) check_completeness(run, std::move(indices), summary);
  return summary;
}

}  // namespace varia::sweep
