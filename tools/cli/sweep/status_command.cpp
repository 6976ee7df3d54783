#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/guarded_reading.hpp"
#include "cli/help_text.hpp"
#include "cli/options.hpp"
#include "cli/terminal/table.hpp"
#include "cli/terminal/terminal.hpp"
#include "cli/terminal/text.hpp"
#include "cli/workspace.hpp"
#include "cluster/submission.hpp"
#include "results/folder/sweep_status.hpp"

namespace varia::cli {

namespace {

using nlohmann::json;

constexpr std::size_t kRows = 20;

struct StatusOptions : NamedOptions {
  bool all = false;   ///< list every trial
  bool wide = false;  ///< all columns
};

double seconds_per_epoch(const results::TrialStatus& trial) {
  return trial.records_done > 0 ? trial.total_seconds / static_cast<double>(trial.records_done)
                                : std::numeric_limits<double>::quiet_NaN();
}

std::size_t held_by(const results::SweepStatus& status, const std::string& run) {
  return static_cast<std::size_t>(
      std::count_if(status.in_progress.begin(), status.in_progress.end(),
                    [&](const auto& trial) { return trial.run == run; }));
}

json trials_json(const std::vector<results::TrialStatus>& trials) {
  auto list = json::array();
  for (const auto& trial : trials)
    list.push_back({{"id", trial.id},
                    {"label", trial.label},
                    {"run", trial.run},
                    {"epochs_done", trial.records_done},
                    {"target_epochs", trial.target_records},
                    {"seconds_per_epoch", results::number_json(seconds_per_epoch(trial))},
                    {"seconds_left", results::number_json(trial.seconds_left)}});
  return list;
}

using Submissions = std::vector<cluster::Submission>;

json submissions_json(const Submissions& submissions) {
  auto list = json::array();
  for (const auto& submission : submissions) {
    list.push_back({{"number", submission.number},
                    {"created", submission.created},
                    {"tasks", submission.tasks},
                    {"trials", submission.trials},
                    {"sent", !submission.jobs.empty()},
                    {"pending_tasks", submission.pending ? json(*submission.pending) : json()},
                    {"running_tasks", submission.running ? json(*submission.running) : json()}});
  }
  return list;
}

std::string queue_text(const cluster::Submission& submission) {
  if (submission.jobs.empty()) return "was not sent";
  if (!submission.pending) return "squeue cannot be asked";
  if (*submission.pending + *submission.running == 0)
    return submission.merge_is_pending ? "all tasks have ended, the merge waits" : "has ended";
  return fmt::format("{} running, {} waiting", *submission.running, *submission.pending);
}

json status_json(const results::SweepStatus& status, const Submissions& submissions) {
  auto failed = json::array();
  for (const auto& trial : status.failed)
    failed.push_back({{"id", trial.id}, {"label", trial.label}, {"error", trial.reason.what}});
  auto runs = json::array();
  for (const auto& run : status.runs)
    runs.push_back({{"id", run.id},
                    {"host", run.info.host},
                    {"process", run.info.process},
                    {"since", run.info.since},
                    {"seconds_silent", run.silent},
                    {"trials", held_by(status, run.id)}});
  return {{"experiment", status.name},
          {"expected", status.expected == 0 ? json() : json(status.expected)},
          {"counts",
           {{"done", status.done},
            {"packed", status.packed},
            {"shorter", status.shorter},
            {"without_parameters", status.without_parameters},
            {"failed", status.failed.size()},
            {"in_progress", status.in_progress.size()},
            {"paused", status.paused.size()},
            {"new", status.untouched},
            {"not_planned", status.unplanned}}},
          {"seconds_left", results::number_json(status.seconds_left)},
          {"runs", runs},
          {"submissions", submissions_json(submissions)},
          {"in_progress", trials_json(status.in_progress)},
          {"paused", trials_json(status.paused)},
          {"failed", failed},
          {"problems", status.problems}};
}

std::string summary_text(const results::SweepStatus& status) {
  auto text = counts_text({{status.done, "done"},
                           {status.failed.size(), "failed"},
                           {status.in_progress.size(), "in progress"},
                           {status.paused.size(), "paused"},
                           {status.untouched, "new"}});
  if (text.empty()) text = "nothing yet";
  if (status.expected > 0) text = fmt::format("{}: {}", count_text(status.expected, "trial"), text);
  if (status.shorter > 0)
    text += fmt::format("; {} of those done have fewer epochs than the experiment asks for now",
                        status.shorter);
  if (status.without_parameters > 0)
    text += fmt::format("; {} of those done lack the parameters that train.keep asks for",
                        status.without_parameters);
  if (status.packed > 0) text += fmt::format("; {} in the merged file alone", status.packed);
  if (status.unplanned > 0) text += fmt::format("; {} not planned any more", status.unplanned);
  return text;
}

/// A table with a row for each item, if there are any.
template <class Items, class Row>
void print_rows(std::vector<Table::Column> columns, const Items& items,
                const StatusOptions& options, const Row& row) {
  Table table(std::move(columns), options.all ? Table::kAllRows : kRows);
  for (const auto& item : items) table.add(row(item));
  if (!items.empty()) fmt::print("\n{}", table.text(output_style(options.wide)));
}

/// "3/10"
std::string epoch_text(const results::TrialStatus& trial) {
  return fmt::format("{}/{}", trial.records_done,
                     trial.target_records > 0 ? std::to_string(trial.target_records) : "?");
}

void print_text(const results::SweepStatus& status, const Submissions& submissions,
                const StatusOptions& options) {
  fmt::print("{}\n", wrapped(fmt::format("{}: {}", status.name, summary_text(status)),
                             output_style().width, 2));
  if (!std::isnan(status.seconds_left))
    fmt::print("about {} left with {} at once\n", time_text(status.seconds_left),
               count_text(status.in_progress.size(), "trial"));
  print_rows({"submission", {"created", 2}, {"trials", 1}, {"tasks", 1}, "jobs"}, submissions,
             options, [](const cluster::Submission& submission) -> std::vector<std::string> {
               return {std::to_string(submission.number), printable(submission.created),
                       std::to_string(submission.trials), std::to_string(submission.tasks),
                       queue_text(submission)};
             });
  print_rows({"run", {"host", 1}, {"process", 3}, {"since", 2}, "last sign", {"trials", 1}},
             status.runs, options, [&](const results::RunAtWork& run) -> std::vector<std::string> {
               return {run.id,
                       printable(run.info.host),
                       std::to_string(run.info.process),
                       printable(run.info.since),
                       time_text(run.silent) + " ago",
                       std::to_string(held_by(status, run.id))};
             });
  print_rows({"in progress", {"settings", 1}, {"host", 3}, "epoch", {"per epoch", 2}, "left"},
             status.in_progress, options,
             [&](const results::TrialStatus& trial) -> std::vector<std::string> {
               return {trial.id,
                       printable(trial.label),
                       printable(trial.host),
                       epoch_text(trial),
                       time_text(seconds_per_epoch(trial)),
                       time_text(trial.seconds_left)};
             });
  print_rows({"paused", {"settings", 1}, "epoch"}, status.paused, options,
             [](const results::TrialStatus& trial) -> std::vector<std::string> {
               return {trial.id, printable(trial.label), epoch_text(trial)};
             });
  print_rows({"failed", {"settings", 1}, "error"}, status.failed, options,
             [](const results::TrialStatus& trial) -> std::vector<std::string> {
               return {trial.id, printable(trial.label), printable(trial.reason.what)};
             });
}

int status(const results::ResultPaths& paths, const StatusOptions& options) {
  const auto status = results::read_status(paths);
  const auto submissions = cluster::submissions_in_queue(paths.submissions());
  if (options.json)
    print_json(status_json(status, submissions));
  else
    print_text(status, submissions, options);
  for (const auto& problem : status.problems) print_error(problem);
  return status.problems.empty() ? kAllDone : kWrong;
}

}  // namespace

void add_status(CLI::App& app, Action& action) {
  const auto options = std::make_shared<StatusOptions>();
  auto* command =
      app.add_subcommand("status", "Show how far a sweep is, from its results folder alone");
  add_named_options(*command, *options);
  command->add_flag("--all", options->all, "List every trial");
  add_wide(*command, options->wide);
  set_exit_codes(*command,
                 {{kAllDone, "the state is shown, whatever it is"},
                  {kWrong, "the call is wrong, or a file is damaged: the others are shown"}});
  command->callback([options, &action] {
    action = [options] {
      const auto paths = paths_of(*options);
      return read_guarded(result_files(paths), [&] { return status(paths, *options); });
    };
  });
}

}  // namespace varia::cli
