#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/guarded_reading.hpp"
#include "cli/read_everything.hpp"
#include "cli/terminal/table.hpp"
#include "cli/terminal/text.hpp"
#include "cli/workspace.hpp"
#include "cluster/submission.hpp"
#include "results/folder/sweep_status.hpp"

namespace varia::cli {

namespace {

using nlohmann::json;

constexpr std::size_t kRows = 20;

double seconds_per_epoch(const results::TrialStatus& trial) {
  return trial.epochs_done > 0 ? trial.total_seconds / static_cast<double>(trial.epochs_done)
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
                    {"epochs_done", trial.epochs_done},
                    {"target_epochs", trial.target_epochs},
                    {"seconds_per_epoch", results::number_json(seconds_per_epoch(trial))},
                    {"seconds_left", results::number_json(trial.seconds_left)}});
  return list;
}

using Submissions = std::vector<cluster::Submission>;

json submissions_json(const Submissions& submissions) {
  auto list = json::array();
  for (const auto& submission : submissions) {
    const auto& queue = submission.queue;
    list.push_back({{"number", submission.number},
                    {"created", submission.created},
                    {"tasks", submission.tasks},
                    {"trials", submission.trials},
                    {"sent", !submission.jobs.empty()},
                    {"pending_tasks", queue ? json(queue->pending) : json()},
                    {"running_tasks", queue ? json(queue->running) : json()}});
  }
  return list;
}

std::string queue_text(const cluster::Submission& submission) {
  if (submission.jobs.empty()) return "was not sent";
  if (!submission.queue) return "squeue cannot be asked";
  const auto& queue = *submission.queue;
  if (queue.pending + queue.running == 0)
    return queue.merge_is_pending ? "all tasks have ended, the merge waits" : "has ended";
  return fmt::format("{} running, {} waiting", queue.running, queue.pending);
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
            {"failed", status.failed.size()},
            {"under_way", status.in_progress.size()},
            {"paused", status.paused.size()},
            {"new", status.untouched},
            {"not_planned", status.unplanned}}},
          {"seconds_left", results::number_json(status.seconds_left)},
          {"runs", runs},
          {"submissions", submissions_json(submissions)},
          {"under_way", trials_json(status.in_progress)},
          {"paused", trials_json(status.paused)},
          {"failed", failed},
          {"problems", status.problems}};
}

std::string counts_text(const results::SweepStatus& status) {
  std::string text;
  const auto add = [&](std::size_t count, const char* what) {
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, what);
  };
  add(status.done, "done");
  add(status.failed.size(), "failed");
  add(status.in_progress.size(), "under way");
  add(status.paused.size(), "paused");
  add(status.untouched, "new");
  if (text.empty()) text = "nothing yet";
  if (status.expected > 0) text = fmt::format("{}: {}", count_text(status.expected, "trial"), text);
  if (status.shorter > 0)
    text += fmt::format("; {} of those done have fewer epochs than the experiment asks for now",
                        status.shorter);
  if (status.packed > 0) text += fmt::format("; {} in the merged file alone", status.packed);
  if (status.unplanned > 0) text += fmt::format("; {} not planned any more", status.unplanned);
  return text;
}

/// Rows up to what people read, and how many there are more.
template <class Items, class Row>
void print_rows(Table table, const Items& items, bool all, const Row& row) {
  const auto shown = all ? items.size() : std::min(items.size(), kRows);
  if (shown == 0) return;
  for (std::size_t i = 0; i < shown; ++i) table.add(row(items[i]));
  fmt::print("\n{}", table.text());
  if (shown < items.size())
    fmt::print("... and {} more (--all lists them)\n", items.size() - shown);
}

void print_text(const results::SweepStatus& status, const Submissions& submissions, bool all) {
  fmt::print("{}: {}\n", status.name, counts_text(status));
  if (!std::isnan(status.seconds_left))
    fmt::print("about {} left with {} at once\n", time_text(status.seconds_left),
               count_text(status.in_progress.size(), "trial"));
  print_rows(Table({"submission", "created", "trials", "tasks", "jobs"}), submissions, all,
             [](const cluster::Submission& submission) -> std::vector<std::string> {
               return {std::to_string(submission.number), printable(submission.created),
                       std::to_string(submission.trials), std::to_string(submission.tasks),
                       queue_text(submission)};
             });
  print_rows(Table({"run", "host", "process", "since", "last sign", "trials"}), status.runs, all,
             [&](const results::RunAtWork& run) -> std::vector<std::string> {
               return {run.id,
                       printable(run.info.host),
                       std::to_string(run.info.process),
                       printable(run.info.since),
                       time_text(run.silent) + " ago",
                       std::to_string(held_by(status, run.id))};
             });
  print_rows(
      Table({"under way", "settings", "host", "epoch", "per epoch", "left"}), status.in_progress,
      all, [&](const results::TrialStatus& trial) -> std::vector<std::string> {
        return {trial.id,
                printable(trial.label),
                printable(trial.host),
                fmt::format("{}/{}", trial.epochs_done,
                            trial.target_epochs > 0 ? std::to_string(trial.target_epochs) : "?"),
                time_text(seconds_per_epoch(trial)),
                time_text(trial.seconds_left)};
      });
  print_rows(
      Table({"paused", "settings", "epoch"}), status.paused, all,
      [](const results::TrialStatus& trial) -> std::vector<std::string> {
        return {trial.id, printable(trial.label),
                fmt::format("{}/{}", trial.epochs_done,
                            trial.target_epochs > 0 ? std::to_string(trial.target_epochs) : "?")};
      });
  print_rows(Table({"failed", "settings", "error"}), status.failed, all,
             [](const results::TrialStatus& trial) -> std::vector<std::string> {
               return {trial.id, printable(trial.label), printable(trial.reason.what)};
             });
  for (const auto& problem : status.problems) fmt::print(stderr, "{}\n", printable(problem));
}

int status_here(const StatusOptions& options) {
  const auto paths = paths_of(options.named);
  const auto status = results::read_status(paths);
  const auto submissions = cluster::submissions_in_queue(paths.submissions());
  if (options.named.json)
    fmt::print(
        "{}\n",
        status_json(status, submissions).dump(2, ' ', false, json::error_handler_t::replace));
  else
    print_text(status, submissions, options.all);
  return kAllDone;
}

}  // namespace

int status(const StatusOptions& options) {
  return read_guarded(
      result_files(paths_of(options.named)), [&] { return status_here(options); }, read_everything);
}

}  // namespace varia::cli
