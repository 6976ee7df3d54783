#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <limits>
#include <optional>
#include <sstream>

#include "cli/commands.hpp"
#include "cli/guarded_reading.hpp"
#include "cli/read_everything.hpp"
#include "cli/results/results_table.hpp"
#include "cli/sweep/progress_display.hpp"
#include "cli/terminal/standard_streams.hpp"
#include "cli/workspace.hpp"
#include "experiment/experiment.hpp"
#include "experiment/params/run_params.hpp"
#include "experiment/yaml/yaml_writer.hpp"
#include "pages/live/live_page.hpp"
#include "results/folder/trial_list.hpp"
#include "sweep/cores.hpp"
#include "sweep/observer_list.hpp"
#include "sweep/preflight.hpp"
#include "sweep/run_experiment.hpp"
#include "sweep/search/halving_chooser.hpp"
#include "sweep/selection.hpp"

namespace varia::cli {

namespace {

std::atomic<bool> stop_requested{false};
std::atomic<bool> abandon_requested{false};

/// The first signal asks the trials to stop after their steps. A second Ctrl-C ends the run at
/// once; batch systems send one signal on several ways.
void install_stop_signals() {
  struct sigaction action {};
  action.sa_handler = [](int signal) {
    if (stop_requested.exchange(true) && signal == SIGINT) abandon_requested.store(true);
  };
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGHUP}) {
    struct sigaction old {};
    // What `nohup` has switched off stays so.
    if (sigaction(signal, nullptr, &old) == 0 && old.sa_handler == SIG_IGN) continue;
    sigaction(signal, &action, nullptr);
  }
}

void print_results(const RunOptions& options, const sweep::ResultPaths& paths,
                   const sweep::RunSummary& summary) {
  const auto results = results::open_results(paths.merged().string());
  const auto listing = make_listing(results, "", "");
  if (options.experiment.json) {
    fmt::print("{}\n", results_json(results, listing, std::numeric_limits<std::size_t>::max()));
  } else if (!options.quiet) {
    const auto stopped =
        summary.stopped > 0 ? fmt::format(", {} stopped by the search", summary.stopped) : "";
    fmt::print("{}{} trained, {} kept{}, {} failed: {}\n", results_text(results, listing, 50),
               summary.trained, summary.kept, stopped, summary.failed, paths.merged().string());
  }
}

/// That they cannot be printed is noted alone: they are in the files.
void print_or_note(const RunOptions& options, const sweep::ResultPaths& paths,
                   const sweep::RunSummary& summary, ProgressDisplay& display) {
  try {
    print_results(options, paths, summary);
    require_standard_output();
  } catch (const StoreError&) {
    throw;
  } catch (const std::exception& error) {
    display.on_note(unexpected(error));
  }
}

/// The merge in a process of its own: files of other runs are among those that it reads.
std::vector<std::string> merge_guarded(const sweep::ResultPaths& paths,
                                       const std::function<std::vector<std::string>()>& merge) {
  const auto text = text_read_guarded(
      result_files(paths), [&] { return fmt::format("{}", fmt::join(merge(), "\n")); },
      read_everything);
  std::vector<std::string> problems;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) problems.push_back(line);
  return problems;
}

/// The most threads that a trial of the plan uses.
std::size_t threads_of(const experiment::Plan& plan) {
  std::int64_t most = 1;
  for (const auto& trial : plan.trials) most = std::max(most, trial.train->threads());
  return static_cast<std::size_t>(most);
}

sweep::RunOptions options_of(const RunOptions& options, const LoadedExperiment& loaded) {
  using Seconds = std::chrono::duration<double>;
  experiment::RunParams run;
  experiment::load_run_params(loaded.experiment.tree, run);
  sweep::RunOptions result;
  result.rerun_failed = options.rerun == "failed";
  result.rerun_stale = options.rerun == "stale";
  result.merge = !options.no_merge;
  result.search = loaded.search;
  result.growth = loaded.growth;
  result.jobs = std::max<std::size_t>(1, sweep::usable_cores() / threads_of(loaded.plan));
  if (run.jobs.has_value()) result.jobs = static_cast<std::size_t>(run.jobs());
  if (options.jobs) result.jobs = *options.jobs;
  result.retries = run.retries();
  if (run.trial_timeout.has_value()) result.trial_timeout = Seconds(run.trial_timeout());
  result.checkpoint_every = Seconds(run.checkpoint_every());
  result.lease = Seconds(run.lease());
  if (!options.only.empty()) result.only = sweep::select(loaded.plan, options.only);
  if (options.deadline) result.deadline = std::chrono::system_clock::from_time_t(*options.deadline);
  return result;
}

}  // namespace

int run(const RunOptions& options) {
  training::prepare_process();
  const auto environment = training::this_environment();
  Workspace workspace;
  const auto loaded = load_experiment(workspace, options.experiment);
  auto run_options = options_of(options, loaded);
  ProgressDisplay display(options.quiet ? ProgressDisplay::Style::quiet : ProgressDisplay::detect(),
                          abandon_requested);
  if (!training::has_fast_blas())
    display.on_note(
        "LibTorch uses the reference BLAS, which is many times slower than OpenBLAS; "
        "install libopenblas0-serial");
  install_stop_signals();
  const auto files = result_files(loaded.paths);
  try_guarded(
      files,
      [&] {
        sweep::due_trials(loaded.plan, workspace.registry, environment, loaded.paths, run_options);
        auto states = sweep::states_of(loaded.plan, loaded.paths, workspace.registry, environment);
        sweep::explain_search(loaded.plan, loaded.search, loaded.paths, states);
      },
      read_everything);
  run_options.merge_within = [&](const std::function<std::vector<std::string>()>& merge) {
    return merge_guarded(loaded.paths, merge);
  };
  // Before the folder is made: a wrong experiment leaves nothing behind.
  const auto due =
      sweep::due_trials(loaded.plan, workspace.registry, environment, loaded.paths, run_options);
  for (const auto& crash : sweep::preflight(
           loaded.plan, workspace.registry, workspace.data, due,
           [] { return stop_requested.load(); }, run_options.trial_timeout,
           loaded.search ? &*loaded.search : nullptr))
    display.on_note(crash);
  std::optional<live::LivePage> page;
  if (options.live) {
    page.emplace(loaded.experiment.name, loaded.paths, options.live_host, options.live_port);
    fmt::print(stderr, "live page: {}\n", page->url());
    if (!page->is_loopback())
      display.on_note("every machine that reaches this one can read the live page");
  }
  const auto info = experiment_info(loaded, workspace, environment);
  // varia merge reads it from the results folder, where relative paths would start elsewhere.
  run_options.experiment_yaml = experiment::write_yaml(experiment::standalone(loaded.experiment));

  std::vector<sweep::RunObserver*> observers = {&display};
  if (page) observers.push_back(&*page);
  sweep::ObserverList observer(std::move(observers));
  const auto summary =
      sweep::run_experiment(loaded.plan, workspace.registry, workspace.data, environment, info,
                            loaded.paths, run_options, stop_requested, abandon_requested, observer);
  if (page)
    page->finish(summary.interrupted ? live::RunState::interrupted : live::RunState::finished);

  if (abandon_requested) return kInterrupted;  // at once, even where no one reads
  // Stopped before the first step, there is nothing to show.
  if (std::filesystem::exists(loaded.paths.merged()))
    print_or_note(options, loaded.paths, summary, display);
  if (summary.interrupted) {
    fmt::print(stderr, "interrupted; the same command goes on with what is missing\n");
    return kInterrupted;
  }
  return summary.failed > 0 ? kSomeFailed : kAllDone;
}

}  // namespace varia::cli
