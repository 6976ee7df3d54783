#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/commands.hpp"
#include "cli/guarded_reading.hpp"
#include "cli/help_text.hpp"
#include "cli/options.hpp"
#include "cli/terminal/table.hpp"
#include "cli/terminal/terminal.hpp"
#include "cli/terminal/text.hpp"
#include "cli/workspace.hpp"
#include "results/folder/folder_merge.hpp"
#include "sweep/run.hpp"
#include "varia/error.hpp"

namespace varia::cli {

namespace {

using nlohmann::json;

constexpr std::size_t kRows = 50;

struct MergeOptions : NamedOptions {
  std::string experiment;  ///< file; empty: the one that the last run left beside the results
  bool pack = false;       ///< remove the trial files of what is merged
  bool prune = false;      ///< drop rows of trials that are not planned
  bool yes = false;        ///< do not ask
  bool wide = false;       ///< all columns
};

/// The trials of the plan with their lengths, and which of them the experiment's search has
/// stopped.
std::vector<results::TrialStatus> planned_trials(const LoadedExperiment& loaded,
                                                 const Workspace& workspace,
                                                 results::ResultsFolder& folder,
                                                 const training::Environment& environment) {
  if (loaded.search)
    return sweep::trial_statuses(loaded.plan, loaded.search, folder, workspace.registry,
                                 environment);
  std::vector<results::TrialStatus> trials(loaded.plan.trials.size());
  for (std::size_t i = 0; i < trials.size(); ++i) {
    trials[i].id = loaded.plan.trials[i].id;
    trials[i].target_records = loaded.plan.trials[i].train->record_count();
  }
  return trials;
}

/// The planned trials that the merged file has not, or not finished, and why. Those that the
/// experiment's search has stopped lack nothing.
std::vector<results::TrialStatus> find_missing(const experiment::Plan& plan,
                                               const results::MergedTrials& rows,
                                               const std::vector<results::TrialStatus>& trials) {
  using results::TrialState;
  std::vector<results::TrialStatus> missing;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    if (trials[i].is_stopped()) continue;
    results::TrialStatus trial;
    trial.id = trials[i].id;
    trial.label = plan.trials[i].label();
    const auto row = rows.find(trial.id);
    if (row != rows.end()) {
      const auto& made = row->second;
      trial.state = made.status;
      if (made.status == TrialState::failed)
        trial.reason = {.kind = results::Reason::Kind::failed, .what = made.error};
      else if (made.status == TrialState::partial || !made.is_whole(trials[i].target_records))
        trial.reason = {.kind = results::Reason::Kind::lacks_records,
                        .has = made.epochs_done,
                        .wants = trials[i].target_records};
      else
        continue;
    }
    missing.push_back(std::move(trial));
  }
  return missing;
}

bool has_failed(const results::TrialStatus& trial) {
  return trial.state == results::TrialState::failed;
}

std::string reason_of(const results::TrialStatus& missing) {
  return missing.state == results::TrialState::fresh ? "has no result" : missing.reason.text();
}

std::string experiment_file(const MergeOptions& options, const results::ResultPaths& paths) {
  if (!options.experiment.empty()) return options.experiment;
  const auto left_behind = paths.experiment_file();
  if (std::filesystem::exists(left_behind)) return left_behind.string();
  throw ConfigError(fmt::format(
      "{} is not there, so that nothing says which trials '{}' has. Is it in another folder "
      "(--results)? Else name its file with --experiment",
      left_behind.string(), paths.experiment));
}

LoadedExperiment load(Workspace& workspace, const MergeOptions& options) {
  const auto paths = paths_of(options);
  ExperimentOptions experiment;
  experiment.file = experiment_file(options, paths);
  experiment.results = paths.root.string();
  experiment.name = paths.experiment;
  return load_experiment(workspace, experiment);
}

/// Rows that pruning drops. Those without a trial file are nowhere else.
std::size_t unplanned_rows(const experiment::Plan& plan, const results::MergedTrials& rows) {
  std::set<std::string> planned;
  for (const auto& trial : plan.trials) planned.insert(trial.id);
  return static_cast<std::size_t>(
      std::ranges::count_if(rows, [&](const auto& row) { return !planned.contains(row.first); }));
}

json missing_json(const std::vector<results::TrialStatus>& missing, bool failed) {
  auto list = json::array();
  for (const auto& trial : missing)
    if (has_failed(trial) == failed)
      list.push_back({{"id", trial.id}, {"settings", trial.label}, {"reason", reason_of(trial)}});
  return list;
}

void print_text(const LoadedExperiment& loaded, const results::MergeReport& report,
                const std::vector<results::TrialStatus>& missing, std::size_t stopped,
                const MergeOptions& options) {
  Table table({"trial", "state", {"settings", 1}, "reason"}, kRows, "--json has all");
  for (const auto& trial : missing)
    table.add({trial.id, has_failed(trial) ? "failed" : "missing", printable(trial.label),
               printable(reason_of(trial))});
  if (!missing.empty()) fmt::print("{}", table.text(output_style(options.wide)));
  const auto failed = static_cast<std::size_t>(std::ranges::count_if(missing, has_failed));
  const auto planned = loaded.plan.trials.size();
  fmt::print("{} of {} done, {} missing, {} failed{}{}: {}\n", planned - missing.size() - stopped,
             count_text(planned, "planned trial"), missing.size() - failed, failed,
             stopped > 0 ? fmt::format(", {} stopped by the search", stopped) : "",
             report.pruned > 0 ? fmt::format(", {} pruned", report.pruned) : "",
             loaded.paths.merged().string());
}

int merge_loaded(const MergeOptions& options, const Workspace& workspace,
                 const LoadedExperiment& loaded) {
  const auto environment = training::this_environment();
  const auto merged = loaded.paths.merged().string();
  results::ResultsFolder folder(loaded.paths);
  bool prune = false;
  if (options.prune) {
    const auto count = unplanned_rows(loaded.plan, folder.merged());
    prune = count > 0 && confirm(fmt::format("{} of {} that are not in the plan: drop for good?",
                                             count_text(count, "row"), merged),
                                 options.yes);
  }
  const auto report = results::merge_folder(loaded.plan, folder,
                                            experiment_info(loaded, workspace, environment), prune);
  for (const auto& problem : report.problems) print_error(problem);
  const auto& rows = folder.merged_again();
  const auto trials = planned_trials(loaded, workspace, folder, environment);
  const auto stopped = static_cast<std::size_t>(
      std::ranges::count_if(trials, [](const auto& trial) { return trial.is_stopped(); }));
  const auto missing = find_missing(loaded.plan, rows, trials);
  results::PackReport packed;
  if (options.pack) packed = results::pack(loaded.plan, folder);
  for (const auto& reason : packed.kept) print_error(reason);
  if (options.json) {
    print_json({{"experiment", loaded.experiment.name},
                {"file", merged},
                {"planned", loaded.plan.trials.size()},
                {"rows", report.trials},
                {"pruned", report.pruned},
                {"missing", missing_json(missing, false)},
                {"failed", missing_json(missing, true)},
                {"stopped", stopped},
                {"problems", report.problems},
                {"packed", packed.removed},
                {"not_packed", packed.kept}});
  } else {
    print_text(loaded, report, missing, stopped, options);
    if (options.pack)
      fmt::print("{} packed: {} removed\n", count_text(packed.removed, "trial file"),
                 bytes_text(packed.bytes));
  }
  return missing.empty() && packed.kept.empty() ? kAllDone : kSomeFailed;
}

int merge(const MergeOptions& options) {
  Workspace workspace;
  const auto loaded = load(workspace, options);
  return read_guarded(
      result_files(loaded.paths), [&] { return merge_loaded(options, workspace, loaded); },
      read_everything, seconds_for(loaded.plan.trials.size()));
}

}  // namespace

void add_merge(CLI::App& app, Action& action) {
  const auto options = std::make_shared<MergeOptions>();
  auto* command = app.add_subcommand(
      "merge", "Write the merged file from what is there, and tell what is missing");
  add_named_options(*command, *options);
  command
      ->add_option("--experiment", options->experiment,
                   "The experiment file (default: what the last run left beside the results)")
      ->type_name("EXPERIMENT.yaml");
  command->add_flag("--pack", options->pack,
                    "Remove the trial files of what the merged file holds; all is compared before");
  command->add_flag("--prune", options->prune,
                    "Drop the rows of trials that are not in the plan; asks");
  command->add_flag("--yes", options->yes, "Do not ask");
  add_wide(*command, options->wide);
  set_exit_codes(*command,
                 {{kAllDone, "the merged file has all planned trials"},
                  {kSomeFailed, "it is written, and trials are missing, failed or not packed"},
                  {kWrong, "the call or a file is wrong"}});
  command->callback([options, &action] { action = [options] { return merge(*options); }; });
}

}  // namespace varia::cli
