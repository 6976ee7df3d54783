#include <fmt/format.h>

#include <atomic>
#include <chrono>
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
#include "cli/terminal/terminal.hpp"
#include "cli/workspace.hpp"
#include "experiment/experiment.hpp"
#include "experiment/params/run_params.hpp"
#include "experiment/sections.hpp"
#include "experiment/yaml/yaml_writer.hpp"
#include "pages/live/live_page.hpp"
#include "sweep/preflight.hpp"
#include "sweep/run_experiment.hpp"
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

void print_results(const RunArguments& arguments, const results::ResultPaths& paths,
                   const sweep::RunSummary& summary) {
  const auto results = results::open_results(paths.merged().string());
  const auto listing = make_listing(results, "", Better::neither);
  if (arguments.experiment.json) {
    fmt::print("{}\n", results_json(results, listing));
  } else if (!arguments.quiet) {
    const auto stopped =
        summary.stopped > 0 ? fmt::format(", {} stopped by the search", summary.stopped) : "";
    fmt::print("{}{} trained, {} kept{}, {} failed: {}\n", results_text(results, listing, 50),
               summary.trained, summary.kept, stopped, summary.failed, paths.merged().string());
  }
}

/// That they cannot be printed is noted alone: they are in the files.
void print_or_note(const RunArguments& arguments, const results::ResultPaths& paths,
                   const sweep::RunSummary& summary, ProgressDisplay& display) {
  try {
    print_results(arguments, paths, summary);
    require_standard_output();
  } catch (const StoreError&) {
    throw;
  } catch (const std::exception& error) {
    display.on_note(unexpected(error));
  }
}

/// The merge in a process of its own: files of other runs are among those that it reads.
std::vector<std::string> merge_guarded(const results::ResultPaths& paths,
                                       const sweep::Merge& merge) {
  const auto text = text_read_guarded(
      result_files(paths), [&] { return fmt::format("{}", fmt::join(merge(), "\n")); },
      read_everything);
  std::vector<std::string> problems;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) problems.push_back(line);
  return problems;
}

}  // namespace

int run(const RunArguments& arguments) {
  training::prepare_process();
  const auto environment = training::this_environment();
  Workspace workspace;
  auto loaded = load_experiment(workspace, arguments.experiment);
  experiment::RunParams params;
  experiment::load_section(loaded.experiment.tree, "run", params);
  std::optional<std::vector<std::size_t>> only;
  if (!arguments.only.empty()) only = sweep::select(loaded.plan, arguments.only);
  ProgressDisplay display(
      arguments.quiet ? ProgressDisplay::Style::quiet : ProgressDisplay::detect(),
      abandon_requested);
  if (!training::has_fast_blas())
    display.on_note(
        "LibTorch uses the reference BLAS, which is many times slower than OpenBLAS; "
        "install libopenblas0-serial");
  install_stop_signals();
  results::ResultsFolder folder(loaded.paths);
  folder.read_summaries(loaded.plan);
  const auto look = [&] {
    results::require_readable_results(loaded.paths);
    return sweep::trial_statuses(loaded.plan, loaded.search, folder, workspace.registry,
                                 environment);
  };
  try_guarded(result_files(loaded.paths), look, read_everything);
  const auto trials = look();
  // Before the folder is made: a wrong experiment leaves nothing behind.
  std::optional<std::chrono::duration<double>> timeout;
  if (params.trial_timeout.has_value()) timeout.emplace(params.trial_timeout());
  for (const auto& crash : sweep::preflight(
           loaded.plan, workspace.registry, workspace.data,
           sweep::due_trials(trials, only, arguments.run.rerun),
           [] { return stop_requested.load(); }, timeout, loaded.search.get()))
    display.on_note(crash);
  std::optional<live::LivePage> page;
  if (arguments.live) {
    page.emplace(loaded.experiment.name, loaded.paths, arguments.live_host, arguments.live_port);
    fmt::print(stderr, "live page: {}\n", page->url());
    if (!page->is_loopback())
      display.on_note("every machine that reaches this one can read the live page");
  }

  std::vector<sweep::RunObserver*> observers = {&display};
  if (page) observers.push_back(&*page);
  sweep::ObserverList observer(std::move(observers));
  const sweep::Run run{
      .plan = loaded.plan,
      .registry = workspace.registry,
      .data = workspace.data,
      .environment = environment,
      .folder = folder,
      .params = params,
      .options = arguments.run,
      .only = std::move(only),
      .search = loaded.search,
      .growth = loaded.growth,
      .info = experiment_info(loaded, workspace, environment),
      // varia merge reads it from the results folder, where relative paths would start elsewhere.
      .experiment_yaml = experiment::write_yaml(experiment::standalone(loaded.experiment)),
      .merge_within = [&](const sweep::Merge& merge) { return merge_guarded(loaded.paths, merge); },
      .stop = stop_requested,
      .abandon = abandon_requested,
      .observer = observer};
  const auto summary = sweep::run_experiment(run, trials);
  if (page)
    page->finish(summary.interrupted ? live::RunState::interrupted : live::RunState::finished);

  if (abandon_requested) return kInterrupted;  // at once, even where no one reads
  // Stopped before the first step, there is nothing to show.
  if (std::filesystem::exists(loaded.paths.merged()))
    print_or_note(arguments, loaded.paths, summary, display);
  if (summary.interrupted) {
    fmt::print(stderr, "interrupted; the same command goes on with what is missing\n");
    return kInterrupted;
  }
  return summary.failed > 0 ? kSomeFailed : kAllDone;
}

}  // namespace varia::cli
