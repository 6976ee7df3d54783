#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/guarded_reading.hpp"
#include "cli/help_text.hpp"
#include "cli/options.hpp"
#include "cli/results/parameter_json.hpp"
#include "cli/sweep/shell_commands.hpp"
#include "cli/terminal/table.hpp"
#include "cli/terminal/terminal.hpp"
#include "cli/terminal/text.hpp"
#include "cli/workspace.hpp"
#include "experiment/params/run_params.hpp"
#include "experiment/sections.hpp"
#include "results/folder/estimate.hpp"
#include "results/folder/orphans.hpp"
#include "sweep/run.hpp"
#include "sweep/selection.hpp"
#include "varia/error.hpp"

namespace varia::cli {

namespace {

using nlohmann::json;

constexpr const char* kOrphaned = "orphaned";

struct PlanOptions : ExperimentOptions {
  bool all = false;       ///< list every trial
  bool commands = false;  ///< print a command for each trial that is not done
  bool prune = false;     ///< remove what is of no planned trial
  bool yes = false;       ///< do not ask
  bool wide = false;      ///< all columns
};

/// All that is known of the sweep.
struct Knowledge {
  LoadedExperiment loaded;
  training::Environment environment;
  std::vector<results::TrialStatus> trials;
  std::vector<std::size_t> chosen;
  std::vector<results::Orphan> orphans;  ///< none where trials were chosen
  results::Estimate estimate;
  std::string this_processor;  ///< that would train here
  std::vector<std::string> processors;

  std::vector<std::string> warnings() const {
    if (processors.size() < 2) return {};
    std::string all;
    for (const auto& one : processors) all += (all.empty() ? "" : " | ") + one;
    return {
        fmt::format("results of {} processors are mixed, so that they may differ in their last "
                    "bits: {} (this machine: {})",
                    processors.size(), all, this_processor)};
  }
};

json trial_json(const experiment::Trial& trial, const results::TrialStatus& status) {
  auto settings = json::object();
  for (const auto& setting : trial.parameters())
    if (setting.swept) settings[setting.key] = parameter_json(setting.value);
  return {{"id", trial.id},
          {"status", results::state_text(status.state)},
          {"replicate", trial.replicate},
          {"seed", trial.seed},
          {"settings", settings},
          {"tags", trial.tags},
          {"notes", trial.notes},
          {"reason", status.reason_text()},
          {"epochs_done", std::max(status.finished_records(), status.records_done)},
          {"target_epochs", status.target_records},
          {"run", status.run},
          {"packed", status.packed}};
}

json orphan_json(const results::Orphan& orphan) {
  auto files = json::array();
  for (const auto& file : orphan.files) files.push_back(file.string());
  return {{"id", orphan.id},
          {"status", kOrphaned},
          {"reason", orphan.reason()},
          {"files", files},
          {"bytes", orphan.bytes}};
}

std::map<std::string, std::size_t> counts_of(const Knowledge& known) {
  std::map<std::string, std::size_t> counts;
  for (const auto i : known.chosen) ++counts[results::state_text(known.trials[i].state)];
  return counts;
}

void print_document(const Knowledge& known) {
  auto trials = json::array();
  for (const auto i : known.chosen)
    trials.push_back(trial_json(known.loaded.plan.trials[i], known.trials[i]));
  auto orphans = json::array();
  for (const auto& orphan : known.orphans) orphans.push_back(orphan_json(orphan));
  const auto& estimate = known.estimate;
  const json document = {{"experiment", known.loaded.experiment.name},
                         {"trials", trials},
                         {"orphans", orphans},
                         {"counts", counts_of(known)},
                         {"estimate",
                          {{"measured_trials", estimate.measured},
                           {"seconds", results::number_json(estimate.seconds)},
                           {"seconds_left", results::number_json(estimate.seconds_left)},
                           {"bytes", results::number_json(estimate.bytes)},
                           {"files", estimate.files}}},
                         {"processors", known.processors},
                         {"warnings", known.warnings()}};
  print_json(document);
}

std::string estimate_text(const results::Estimate& estimate) {
  const auto files = count_text(estimate.files, "file");
  if (estimate.measured == 0)
    return fmt::format("{} in all; time and disk space are known once a trial is done", files);
  if (estimate.seconds_left == 0)
    return fmt::format("nothing is left of {} of one worker; {} in {} in all",
                       time_text(estimate.seconds), bytes_text(estimate.bytes), files);
  return fmt::format("{} of one worker, of {} in all, are left; {} in {} in all",
                     time_text(estimate.seconds_left), time_text(estimate.seconds),
                     bytes_text(estimate.bytes), files);
}

/// "why=a first try, size=small"
std::string notes_text(const experiment::Trial& trial) {
  std::string text;
  for (const auto& [key, note] : trial.notes)
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", key, note);
  return printable(text);
}

/// Rows that are shown of each state: what people read.
std::size_t rows_per_state(const PlanOptions& options) {
  return options.all ? Table::kAllRows : 50;
}

void print_table(const Knowledge& known, const PlanOptions& options) {
  const auto any = [&](auto member) {
    return std::any_of(known.chosen.begin(), known.chosen.end(), [&](std::size_t i) {
      return !(known.loaded.plan.trials[i].*member).empty();
    });
  };
  const bool tagged = any(&experiment::Trial::tags);
  const bool noted = any(&experiment::Trial::notes);
  std::vector<Table::Column> header = {"trial", "status", {"replicate", 2}, "settings"};
  if (tagged) header.emplace_back("tags", 3);
  if (noted) header.emplace_back("notes", 3);
  header.emplace_back("reason", 1);
  Table table(header, rows_per_state(options));
  for (const auto i : known.chosen) {
    const auto& trial = known.loaded.plan.trials[i];
    const std::string state = results::state_text(known.trials[i].state);
    std::vector<std::string> row = {trial.id, state, std::to_string(trial.replicate),
                                    trial.swept_text()};
    if (tagged) row.push_back(fmt::format("{}", fmt::join(trial.tags, ",")));
    if (noted) row.push_back(notes_text(trial));
    row.push_back(printable(known.trials[i].reason_text()));
    table.add(std::move(row), state);
  }
  for (const auto& orphan : known.orphans) {
    std::vector<std::string> row(header.size());
    row[0] = orphan.id;
    row[1] = kOrphaned;
    row.back() = orphan.reason();
    table.add(std::move(row), kOrphaned);
  }
  std::vector<std::pair<std::size_t, std::string>> counts;
  for (const auto& [state, count] : counts_of(known)) counts.emplace_back(count, state);
  auto summary = counts_text(counts);
  if (!known.orphans.empty())
    summary += fmt::format("; {} orphaned (--prune removes them)", known.orphans.size());
  const auto style = output_style(options.wide);
  fmt::print("{}{}: {}\n{}\n", table.text(style), count_text(known.chosen.size(), "trial"), summary,
             wrapped(estimate_text(known.estimate), style.width, 2));
}

int prune(const Knowledge& known, results::ResultsFolder& folder, const Workspace& workspace,
          const PlanOptions& options) {
  const auto& orphans = known.orphans;
  double bytes = 0;
  Table table({"trial", "what is removed"}, rows_per_state(options));
  for (const auto& orphan : orphans) {
    bytes += static_cast<double>(orphan.bytes);
    table.add({orphan.id, orphan.reason()}, kOrphaned);
  }
  results::PruneReport report;
  if (!orphans.empty()) {
    if (!options.json) fmt::print("{}", table.text(output_style(options.wide)));
    std::fflush(stdout);
    const auto question = fmt::format("{} that are not in the plan, {}: remove them for good?",
                                      count_text(orphans.size(), "trial"), bytes_text(bytes));
    if (!confirm(question, options.yes)) {
      say("nothing was removed\n");
      return kAllDone;
    }
    experiment::RunParams run;
    experiment::load_section(known.loaded.experiment.tree, "run", run);
    // A live run beats less often than a short lease ends.
    const auto patience = std::max<std::chrono::duration<double>>(
        std::chrono::duration<double>(run.lease()), 3 * files::Heartbeat::kEvery);
    report = results::prune(
        orphans, known.loaded.plan, folder,
        experiment_info(known.loaded, workspace, known.environment),
        std::chrono::duration_cast<std::chrono::milliseconds>(patience), [&](std::size_t held) {
          say(fmt::format("watching for {} whether the runs that hold {} are alive\n",
                          time_text(patience.count()), count_text(held, "trial")));
          return true;
        });
  }
  for (const auto& id : report.held)
    say(fmt::format("trial {} stays: a run is at work on it\n", id));
  for (const auto& problem : report.problems) print_error(problem);
  if (options.json)
    print_json({{"experiment", known.loaded.experiment.name},
                {"removed", report.removed},
                {"held", report.held}});
  else
    fmt::print("{} removed\n", count_text(report.removed.size(), "trial"));
  return kAllDone;
}

/// What trials that are trained here would be computed by.
std::string processor_for(const Knowledge& known) {
  experiment::RunParams params;
  experiment::load_section(known.loaded.experiment.tree, "run", params);
  try {
    const auto gpus = sweep::gpus_of(known.loaded.plan, known.chosen, params, sweep::visible_gpus(),
                                     training::has_cuda());
    if (!gpus.gpus.empty()) return gpus.gpus.front().description;
  } catch (const ConfigError&) {
    // What is asked for and not there is for a run to say; this may be a login node.
  }
  return known.environment.cpu;
}

void print(Knowledge& known, const PlanOptions& options) {
  if (options.commands) {
    fmt::print("{}", shell_commands(known.loaded, options, known.trials, known.chosen));
    return;
  }
  const auto& loaded = known.loaded;
  known.estimate = results::estimate(loaded.plan, known.trials, loaded.paths);
  known.this_processor = processor_for(known);
  known.processors = results::processors(known.trials, known.this_processor);
  for (const auto& warning : known.warnings()) print_note(warning);
  if (options.json)
    print_document(known);
  else
    print_table(known, options);
}

int plan(const PlanOptions& options) {
  Workspace workspace;
  Knowledge known;
  known.loaded = load_experiment(workspace, options);
  known.environment = training::this_environment();
  const auto& plan = known.loaded.plan;
  const auto& paths = known.loaded.paths;
  known.chosen = sweep::select(plan, options.only);
  const auto files = result_files(paths);
  results::ResultsFolder folder(paths);
  const auto look = [&] {
    known.trials = sweep::trial_statuses(plan, known.loaded.search, folder, workspace.registry,
                                         known.environment);
    if (options.only.empty()) known.orphans = results::find_orphans(plan, folder);
  };
  const auto seconds = seconds_for(plan.trials.size());
  if (options.prune) {  // it asks, and removes files
    try_guarded(files, look, read_everything, seconds);
    look();
    return prune(known, folder, workspace, options);
  }
  const auto look_and_print = [&] {
    look();
    print(known, options);
    return static_cast<int>(kAllDone);
  };
  if (files.empty()) return look_and_print();
  return read_guarded(files, look_and_print, read_everything, seconds);
}

}  // namespace

void add_plan(CLI::App& app, Action& action) {
  const auto options = std::make_shared<PlanOptions>();
  auto* command =
      app.add_subcommand("plan", "List the trials of an experiment and what is done of them");
  add_experiment_options(*command, *options);
  add_only(*command, options->only);
  command->add_flag("--all", options->all, "List every trial; else the first 50 of each state");
  auto* commands = command->add_flag(
      "--commands", options->commands,
      "Print one shell command for each trial that is not done, for other batch systems");
  commands->excludes(command->get_option("--json"));
  auto* prune_flag = command->add_flag(
      "--prune", options->prune,
      "Remove what the results folder holds of trials that are not in the plan; asks");
  prune_flag->excludes(commands)->excludes(command->get_option("--only"));
  command->add_flag("--yes", options->yes, "Do not ask")->needs(prune_flag);
  add_wide(*command, options->wide);
  set_exit_codes(*command, {{kAllDone, "the trials are listed, whatever their states"},
                            {kWrong, "the experiment or the call is wrong"}});
  command->callback([options, &action] { action = [options] { return plan(*options); }; });
}

}  // namespace varia::cli
