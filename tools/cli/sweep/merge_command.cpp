#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/commands.hpp"
#include "cli/guarded_reading.hpp"
#include "cli/read_everything.hpp"
#include "cli/terminal/amounts.hpp"
#include "cli/terminal/confirm.hpp"
#include "cli/terminal/table.hpp"
#include "cli/workspace.hpp"
#include "results/folder/pack.hpp"
#include "results/folder/trial_state.hpp"
#include "results/merged/results.hpp"
#include "sweep/run_experiment.hpp"
#include "sweep/search/halving_chooser.hpp"
#include "varia/error.hpp"

namespace varia::cli {

namespace {

using nlohmann::json;

constexpr std::size_t kRows = 50;

/// A planned trial that the merged file has not, or not finished.
struct Hole {
  const experiment::Trial& trial;
  bool failed = false;
  std::string reason;
};

/// Which trials the experiment's search has stopped: they lack nothing.
std::vector<bool> find_stopped(const LoadedExperiment& loaded, const Registry& registry,
                               const training::Environment& environment) {
  std::vector<bool> stopped(loaded.plan.trials.size(), false);
  if (!loaded.search) return stopped;
  auto states = sweep::states_of(loaded.plan, loaded.paths, registry, environment);
  sweep::explain_search(loaded.plan, loaded.search, loaded.paths, states);
  for (std::size_t i = 0; i < states.size(); ++i) stopped[i] = states[i].stopped;
  return stopped;
}

std::vector<Hole> find_holes(const experiment::Plan& plan,
                             const std::vector<results::TrialInfo>& rows,
                             const std::vector<bool>& stopped) {
  std::map<std::string, const results::TrialInfo*> by_id;
  for (const auto& row : rows) by_id[row.id] = &row;
  std::vector<Hole> holes;
  for (std::size_t i = 0; i < plan.trials.size(); ++i) {
    if (stopped[i]) continue;
    const auto& trial = plan.trials[i];
    const auto row = by_id.find(trial.id);
    const auto wanted = trial.train->record_count();
    if (row == by_id.end())
      holes.push_back({trial, false, "has no result"});
    else if (row->second->status == results::TrialState::failed)
      holes.push_back({trial, true, row->second->error});
    else if (row->second->status == results::TrialState::partial ||
             row->second->epochs_done < wanted)
      holes.push_back(
          {trial, false, fmt::format("has {} of {} epochs", row->second->epochs_done, wanted)});
  }
  return holes;
}

std::string experiment_file(const MergeOptions& options, const sweep::ResultPaths& paths) {
  if (!options.experiment.empty()) return options.experiment;
  const auto left_behind = paths.experiment_file();
  if (std::filesystem::exists(left_behind)) return left_behind.string();
  throw ConfigError(fmt::format(
      "{} is not there, so that nothing says which trials '{}' has. Is it in another folder "
      "(--results)? Else name its file with --experiment",
      left_behind.string(), options.named.name));
}

LoadedExperiment load(Workspace& workspace, const MergeOptions& options) {
  const auto paths = paths_of(options.named);
  ExperimentOptions experiment;
  experiment.file = experiment_file(options, paths);
  experiment.results = options.named.results;
  experiment.name = options.named.name;
  return load_experiment(workspace, experiment);
}

/// Rows that pruning drops. Those without a trial file are nowhere else.
std::size_t unplanned_rows(const LoadedExperiment& loaded) {
  if (!std::filesystem::exists(loaded.paths.merged())) return 0;
  std::set<std::string> planned;
  for (const auto& trial : loaded.plan.trials) planned.insert(trial.id);
  std::size_t count = 0;
  for (const auto& row : results::read_merged_trials(loaded.paths.merged().string()))
    if (planned.count(row.id) == 0) ++count;
  return count;
}

json holes_json(const std::vector<Hole>& holes, bool failed) {
  auto list = json::array();
  for (const auto& hole : holes)
    if (hole.failed == failed)
      list.push_back(
          {{"id", hole.trial.id}, {"settings", hole.trial.label()}, {"reason", hole.reason}});
  return list;
}

void print_text(const LoadedExperiment& loaded, const results::MergeReport& report,
                const std::vector<Hole>& holes, std::size_t stopped) {
  Table table({"trial", "status", "settings", "reason"});
  for (std::size_t i = 0; i < std::min(holes.size(), kRows); ++i)
    table.add({holes[i].trial.id, holes[i].failed ? "failed" : "missing",
               printable(holes[i].trial.label()), printable(holes[i].reason)});
  if (!holes.empty()) fmt::print("{}", table.text());
  if (holes.size() > kRows) fmt::print("... and {} more (--json has all)\n", holes.size() - kRows);
  const auto failed = static_cast<std::size_t>(
      std::count_if(holes.begin(), holes.end(), [](const auto& hole) { return hole.failed; }));
  const auto planned = loaded.plan.trials.size();
  fmt::print("{} of {} done, {} missing, {} failed{}{}: {}\n", planned - holes.size() - stopped,
             count_text(planned, "planned trial"), holes.size() - failed, failed,
             stopped > 0 ? fmt::format(", {} stopped by the search", stopped) : "",
             report.pruned > 0 ? fmt::format(", {} pruned", report.pruned) : "",
             loaded.paths.merged().string());
}

int merge_loaded(const MergeOptions& options, const Workspace& workspace,
                 const LoadedExperiment& loaded) {
  const auto environment = training::this_environment();
  const auto& merged = loaded.paths.merged();
  bool prune = false;
  if (options.prune) {
    const auto count = unplanned_rows(loaded);
    prune = count > 0 && confirm(fmt::format("{} of {} that the plan has not: drop for good?",
                                             count_text(count, "row"), merged.string()),
                                 options.yes);
  }
  const auto report = sweep::merge_experiment(
      loaded.plan, loaded.paths, experiment_info(loaded, workspace, training::this_environment()),
      prune);
  for (const auto& problem : report.problems) fmt::print(stderr, "{}\n", printable(problem));
  const auto rows = results::read_merged_trials(merged.string());
  const auto stopped = find_stopped(loaded, workspace.registry, environment);
  const auto holes = find_holes(loaded.plan, rows, stopped);
  sweep::PackReport packed;
  if (options.pack) packed = sweep::pack(loaded.plan, loaded.paths);
  for (const auto& reason : packed.kept) fmt::print(stderr, "{}\n", printable(reason));
  if (options.named.json) {
    const json document = {{"experiment", loaded.experiment.name},
                           {"file", merged.string()},
                           {"planned", loaded.plan.trials.size()},
                           {"rows", report.trials},
                           {"pruned", report.pruned},
                           {"missing", holes_json(holes, false)},
                           {"failed", holes_json(holes, true)},
                           {"stopped", std::count(stopped.begin(), stopped.end(), true)},
                           {"problems", report.problems},
                           {"packed", packed.removed},
                           {"not_packed", packed.kept}};
    fmt::print("{}\n", document.dump(2, ' ', false, json::error_handler_t::replace));
  } else {
    print_text(loaded, report, holes,
               static_cast<std::size_t>(std::count(stopped.begin(), stopped.end(), true)));
    if (options.pack)
      fmt::print("{} packed: {} removed\n", count_text(packed.removed, "trial file"),
                 bytes_text(packed.bytes));
  }
  return holes.empty() && packed.kept.empty() ? kAllDone : kSomeFailed;
}

}  // namespace

int merge(const MergeOptions& options) {
  Workspace workspace;
  const auto loaded = load(workspace, options);
  return read_guarded(
      result_files(loaded.paths), [&] { return merge_loaded(options, workspace, loaded); },
      read_everything);
}

}  // namespace varia::cli
