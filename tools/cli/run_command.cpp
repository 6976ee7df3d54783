#include <fmt/chrono.h>
#include <fmt/format.h>

#include <atomic>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <limits>
#include <optional>

#include "cli/commands.hpp"
#include "cli/progress_display.hpp"
#include "cli/results_table.hpp"
#include "cli/workspace.hpp"
#include "experiment/yaml_writer.hpp"
#include "live/live_page.hpp"
#include "sweep/observer_list.hpp"
#include "sweep/preflight.hpp"
#include "sweep/run_experiment.hpp"

namespace varia::cli {

namespace {

std::atomic<bool> stop_requested{false};

/// The first signal asks the trial to stop after its step; the next one ends the program at once.
void install_stop_signals() {
  struct sigaction action {};
  action.sa_handler = [](int) { stop_requested.store(true); };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int signal : {SIGINT, SIGTERM}) sigaction(signal, &action, nullptr);
}

store::ExperimentInfo info_of(const LoadedExperiment& loaded, const Workspace& workspace,
                              const runner::Environment& environment) {
  store::ExperimentInfo info;
  info.name = loaded.experiment.name;
  info.yaml = experiment::write_yaml(loaded.experiment.tree);
  info.created = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  info.host = environment.host;
  info.versions = environment.versions();
  for (const auto& plugin : workspace.host.loaded())
    info.plugins += fmt::format("{} {} {}\n", plugin->name, plugin->version, plugin->digest());
  return info;
}

void print_results(const RunOptions& options, const runner::ResultPaths& paths,
                   const runner::RunSummary& summary) {
  const auto results = store::open_results(paths.merged().string());
  const auto listing = make_listing(results, "", "");
  if (options.experiment.json) {
    fmt::print("{}\n", results_json(results, listing, std::numeric_limits<std::size_t>::max()));
  } else if (!options.quiet) {
    fmt::print("{}{} trained, {} kept, {} failed: {}\n", results_text(results, listing, 50),
               summary.trained, summary.kept, summary.failed, paths.merged().string());
  }
}

}  // namespace

int run(const RunOptions& options) {
  runner::prepare_process();
  const auto environment = runner::this_environment();
  Workspace workspace;
  const auto loaded = load_experiment(workspace, options.experiment);
  ProgressDisplay display(options.quiet ? ProgressDisplay::Style::quiet
                                        : ProgressDisplay::detect());
  if (!environment.fast_blas)
    display.on_note(
        "LibTorch uses the reference BLAS, which is many times slower than OpenBLAS; "
        "install libopenblas0-serial");
  // Before the folder is made: a wrong experiment leaves nothing behind.
  runner::preflight(loaded.plan, workspace.registry, workspace.data);
  std::optional<live::LivePage> page;
  if (options.live) {
    page.emplace(loaded.experiment.name, loaded.paths,
                 live::LiveAddress{options.live_host, options.live_port});
    fmt::print(stderr, "live page: {}\n", page->url());
    if (!page->is_loopback())
      display.on_note("every machine that reaches this one can read the live page");
  }
  const runner::ResultsFolder folder(loaded.paths);

  install_stop_signals();
  std::vector<runner::RunObserver*> observers = {&display};
  if (page) observers.push_back(&page->observer());
  runner::ObserverList observer(std::move(observers));
  const auto summary =
      runner::run_experiment(loaded.plan, workspace.registry, workspace.data, environment,
                             info_of(loaded, workspace, environment), folder,
                             {options.rerun == "failed"}, stop_requested, observer);
  if (page)
    page->finish(summary.interrupted ? live::RunState::interrupted : live::RunState::finished);

  // Stopped before the first step, there is nothing to show.
  if (std::filesystem::exists(loaded.paths.merged())) print_results(options, loaded.paths, summary);
  if (summary.interrupted) {
    fmt::print(stderr, "interrupted; the same command goes on with what is missing\n");
    return kInterrupted;
  }
  return summary.failed > 0 ? kSomeFailed : kAllDone;
}

}  // namespace varia::cli
