#include "cli/sweep/local_run.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/guarded_reading.hpp"
#include "cli/results/results_table.hpp"
#include "cli/sweep/progress_display.hpp"
#include "cli/sweep/run_end.hpp"
#include "cli/sweep/run_log.hpp"
#include "cli/terminal/terminal.hpp"
#include "experiment/experiment.hpp"
#include "experiment/params/run_params.hpp"
#include "experiment/sections.hpp"
#include "experiment/yaml/yaml_writer.hpp"
#include "pages/live/live_page.hpp"
#include "sweep/preflight.hpp"
#include "sweep/run.hpp"
#include "sweep/selection.hpp"
#include "training/plan_notes.hpp"
#include "varia/error.hpp"
#include "varia/host/descriptor.hpp"

namespace varia::cli {

namespace {

std::atomic<bool> stop_requested{false};
std::atomic<std::int64_t> first_stop{0};  // when it was requested; 0: not yet
std::atomic<bool> abandon_requested{false};
std::atomic<bool> has_begun{false};

/// Two of one key press, as from a wrapper that forwards what its whole group was sent, count once.
constexpr std::int64_t kOnePress = 300'000'000;  // ns

std::int64_t monotonic_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);  // which a signal handler may call
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void install_signal_handlers() {
  std::signal(SIGPIPE, SIG_IGN);
  struct sigaction action {};
  action.sa_handler = [](int signal) {
    if (!has_begun) ::_exit(kInterrupted);
    const auto now = monotonic_ns();
    std::int64_t first = 0;
    const bool is_first = first_stop.compare_exchange_strong(first, now);
    stop_requested.store(true);
    if (!is_first && signal == SIGINT && now - first > kOnePress) abandon_requested.store(true);
  };
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGHUP}) {
    struct sigaction old {};
    // What `nohup` has switched off stays so.
    if (sigaction(signal, nullptr, &old) == 0 && old.sa_handler == SIG_IGN) continue;
    sigaction(signal, &action, nullptr);
  }
}

/// Says so if there is room, where no one may read.
void tell_abandoned() {
  pollfd error{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&error, 1, 0) == 1 && (error.revents & POLLOUT) != 0)
    say("ended at once by a second Ctrl-C; what was done since the last checkpoints is lost. "
        "The same command resumes\n");
}

/// That they cannot be printed is noted alone: they are in the files.
void print_results(const RunArguments& arguments, const results::ResultPaths& paths,
                   const sweep::RunSummary& summary, ProgressDisplay& display) {
  try {
    const auto results = results::open_results(paths.merged().string());
    const auto stopped =
        summary.stopped > 0 ? fmt::format(", {} stopped by the search", summary.stopped) : "";
    if (arguments.json)
      print_json(results_json(results));
    else if (!arguments.quiet)
      fmt::print("{}{} trained, {} kept{}, {} failed: {}\n",
                 results_text(results, 50, "", Better::neither, output_style()), summary.trained,
                 summary.kept, stopped, summary.failed, paths.merged().string());
    require_standard_output();
  } catch (const StoreError&) {
    throw;
  } catch (const std::exception& error) {
    display.on_note(unexpected(error));
  }
}

/// The merge in a process of its own: files of other runs are among those that it reads.
std::vector<std::string> merge_guarded(const LoadedExperiment& loaded, const sweep::Merge& merge) {
  const auto text = text_read_guarded(
      result_files(loaded.paths), [&] { return fmt::format("{}", fmt::join(merge(), "\n")); },
      read_everything, seconds_for(loaded.plan.trials.size()));
  std::vector<std::string> problems;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) problems.push_back(line);
  return problems;
}

}  // namespace

void prepare_local_runs() {
  install_signal_handlers();
  training::prepare_process();
}

std::vector<results::TrialStatus> trial_statuses(const LoadedExperiment& loaded,
                                                 const Workspace& workspace,
                                                 const training::Environment& environment,
                                                 results::ResultsFolder& folder) {
  folder.read_summaries(loaded.plan);
  const auto look = [&] {
    results::require_readable_results(loaded.paths);
    return sweep::trial_statuses(loaded.plan, loaded.search, folder, workspace.registry,
                                 environment);
  };
  try_guarded(result_files(loaded.paths), look, read_everything,
              seconds_for(loaded.plan.trials.size()));
  return look();
}

sweep::RunGpus gpus_for(const LoadedExperiment& loaded, const std::vector<std::size_t>& chosen,
                        const experiment::RunParams& params) {
  return sweep::gpus_of(loaded.plan, chosen, params, sweep::visible_gpus(), training::has_cuda());
}

std::vector<std::string> check_due(const RunArguments& arguments, Workspace& workspace,
                                   const LoadedExperiment& loaded,
                                   const std::vector<results::TrialStatus>& trials) {
  experiment::RunParams params;
  experiment::load_section(loaded.experiment.tree, "run", params);
  std::optional<std::chrono::duration<double>> timeout;
  if (params.trial_timeout.has_value()) timeout.emplace(params.trial_timeout());
  const auto chosen = sweep::select(loaded.plan, arguments.only);
  const auto gpus = gpus_for(loaded, chosen, params);
  const auto due = sweep::due_trials(trials, chosen, arguments.run.rerun);
  auto notes = sweep::preflight(
      loaded.plan, workspace.registry, workspace.data, due, [] { return stop_requested.load(); },
      timeout, loaded.search, gpus, experiment::published_metrics(loaded.published));
  if (!gpus.note.empty() && !due.empty()) notes.push_back(gpus.note);
  std::ranges::move(training::plan_notes(loaded.plan, due, workspace.registry, workspace.data),
                    std::back_inserter(notes));
  return notes;
}

/// Called while `error` is handled.
/// @throws StoreError the error; where the disk is full, with what is safe and how to go on
[[noreturn]] void throw_with_advice(const StoreError& error, const LoadedExperiment& loaded,
                                    results::ResultsFolder& folder) {
  const std::string text = error.what();
  const bool is_full = std::ranges::any_of(std::array{ENOSPC, EDQUOT, EFBIG}, [&](int number) {
    return text.find(system_reason(number)) != std::string::npos;
  });
  if (!is_full) throw;  // whatever kind of StoreError it is
  const auto is_done = [&](const experiment::Trial& trial) {
    try {
      const auto is_whole = [&](const results::TrialInfo& info) {
        return info.status == results::TrialState::done &&
               info.is_whole(trial.train->record_count());
      };
      if (const auto& info = folder.look_again(trial.id).info) return is_whole(*info);
      const auto& rows = folder.merged();
      const auto row = rows.find(trial.id);
      return row != rows.end() && is_whole(row->second);
    } catch (const StoreError&) {
      return false;
    }
  };
  const auto& trials = loaded.plan.trials;
  throw StoreError(fmt::format(
      "{}; {} of {} are done and safe. Make room, and the same command "
      "resumes",
      text, std::ranges::count_if(trials, is_done), count_text(trials.size(), "planned trial")));
}

/// Whether the experiment is the copy that a submission keeps, and the results folder has one, too.
bool is_frozen_plan(const RunArguments& arguments, const LoadedExperiment& loaded) {
  std::error_code error;
  const auto copies = std::filesystem::weakly_canonical(loaded.paths.submissions(), error);
  const auto file = std::filesystem::weakly_canonical(arguments.file, error);
  return file.parent_path().parent_path() == copies &&
         std::filesystem::exists(loaded.paths.experiment_file(), error);
}

ExitCode run_here(const RunArguments& arguments, Workspace& workspace, LoadedExperiment& loaded) {
  const auto environment = training::this_environment();
  experiment::RunParams params;
  experiment::load_section(loaded.experiment.tree, "run", params);
  ProgressDisplay display(
      arguments.quiet ? ProgressDisplay::Style::quiet : ProgressDisplay::detect(),
      abandon_requested);
  if (!training::has_fast_blas())
    display.on_note(
        "LibTorch uses the reference BLAS, which is many times slower than OpenBLAS; "
        "install libopenblas0-serial");
  has_begun = true;
  results::ResultsFolder folder(loaded.paths);
  const auto trials = trial_statuses(loaded, workspace, environment, folder);
  // Before the folder is made: a wrong experiment leaves nothing behind.
  if (!arguments.is_checked)
    for (const auto& note : check_due(arguments, workspace, loaded, trials)) display.on_note(note);
  std::optional<live::LivePage> page;
  if (arguments.live) {
    page.emplace(loaded.experiment.name, loaded.paths, arguments.live_host, arguments.live_port);
    say("live page: " + page->url() + "\n");
    if (!page->is_loopback())
      display.on_note("every machine that reaches this one can read the live page");
  }

  std::vector<sweep::RunObserver*> observers = {&display};
  if (page) observers.push_back(&*page);
  std::optional<RunLog> log;
  if (params.log_to.has_value()) observers.push_back(&log.emplace(params.log_to(), loaded.paths));
  const auto chosen = sweep::select(loaded.plan, arguments.only);
  const sweep::Run run{
      .plan = loaded.plan,
      .registry = workspace.registry,
      .data = workspace.data,
      .environment = environment,
      .folder = folder,
      .params = params,
      .options = arguments.run,
      .chosen = chosen,
      .gpus = gpus_for(loaded, chosen, params),
      .search = loaded.search,
      .growth = arguments.only.empty() ? loaded.growth : std::nullopt,
      .info = experiment_info(loaded, workspace, environment),
      // varia merge reads it from the results folder, where relative paths would start elsewhere.
      // A task of a submission leaves what was written by the newest one.
      .experiment_yaml = is_frozen_plan(arguments, loaded)
                             ? ""
                             : experiment::write_yaml(experiment::standalone(loaded.experiment)),
      .merge_within = [&](const sweep::Merge& merge) { return merge_guarded(loaded, merge); },
      .stop = stop_requested,
      .abandon = abandon_requested,
      .observers = std::move(observers)};
  const auto started = std::chrono::steady_clock::now();
  const auto summary = [&] {
    try {
      return sweep::run_experiment(run, trials);
    } catch (const StoreError& error) {
      throw_with_advice(error, loaded, folder);
    }
  }();
  if (page)
    page->finish(summary.interrupted ? live::RunState::interrupted : live::RunState::finished);
  if (log)
    if (const auto problem = log->finish([] { return abandon_requested.load(); }); !problem.empty())
      display.on_note(problem);

  if (abandon_requested) {
    tell_abandoned();
    return kInterrupted;
  }
  // Stopped before the first step, there is nothing to show.
  if (arguments.prints_results && std::filesystem::exists(loaded.paths.merged()))
    print_results(arguments, loaded.paths, summary, display);
  const bool has_failed = summary.failed > 0 || summary.incomplete;
  // Tasks of a cluster leave the merge to another, and the end with it.
  if (arguments.run.merge) {
    const auto problem = tell_end(params, {.experiment = loaded.experiment.name,
                                           .state = summary.interrupted ? "interrupted"
                                                    : has_failed        ? "failed"
                                                                        : "done",
                                           .results = loaded.paths.merged(),
                                           .summary = summary,
                                           .took = std::chrono::steady_clock::now() - started});
    if (!problem.empty()) display.on_note(problem);
  }
  if (summary.interrupted) {
    const auto done = summary.trained + summary.kept + summary.stopped;
    display.print(fmt::format("interrupted with {} of {} done; the same command resumes", done,
                              count_text(done + summary.failed + summary.left, "planned trial")));
    return kInterrupted;
  }
  return has_failed ? kSomeFailed : kAllDone;
}

}  // namespace varia::cli
