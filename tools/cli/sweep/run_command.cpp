#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "cli/commands.hpp"
#include "cli/guarded_reading.hpp"
#include "cli/help_text.hpp"
#include "cli/options.hpp"
#include "cli/results/results_table.hpp"
#include "cli/sweep/progress_display.hpp"
#include "cli/sweep/run_end.hpp"
#include "cli/sweep/run_log.hpp"
#include "cli/terminal/terminal.hpp"
#include "cli/workspace.hpp"
#include "experiment/experiment.hpp"
#include "experiment/params/run_params.hpp"
#include "experiment/sections.hpp"
#include "experiment/yaml/yaml_writer.hpp"
#include "pages/live/live_page.hpp"
#include "sweep/preflight.hpp"
#include "sweep/run.hpp"
#include "sweep/selection.hpp"
#include "training/schedule_notes.hpp"

namespace varia::cli {

namespace {

struct RunArguments : ExperimentOptions {
  sweep::RunOptions run;
  bool quiet = false;
  bool live = false;  ///< serve the page that watches the run
  std::string live_host = "127.0.0.1";
  std::optional<int> live_port;  ///< none: the usual one, or the next that is free
};

std::atomic<bool> stop_requested{false};
std::atomic<bool> abandon_requested{false};
std::atomic<bool> has_begun{false};

/// The first signal asks the trials to stop after their steps, or ends the process if nothing has
/// begun. A second Ctrl-C ends the run at once; batch systems send one signal on several ways. That
/// no one reads what is printed ends no run.
void install_signal_handlers() {
  std::signal(SIGPIPE, SIG_IGN);
  struct sigaction action {};
  action.sa_handler = [](int signal) {
    if (!has_begun) ::_exit(kInterrupted);
    if (stop_requested.exchange(true) && signal == SIGINT) abandon_requested.store(true);
  };
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGHUP}) {
    struct sigaction old {};
    // What `nohup` has switched off stays so.
    if (sigaction(signal, nullptr, &old) == 0 && old.sa_handler == SIG_IGN) continue;
    sigaction(signal, &action, nullptr);
  }
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
std::vector<std::string> merge_guarded(const results::ResultPaths& paths,
                                       const sweep::Merge& merge) {
  const auto text = text_read_guarded(result_files(paths),
                                      [&] { return fmt::format("{}", fmt::join(merge(), "\n")); });
  std::vector<std::string> problems;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) problems.push_back(line);
  return problems;
}

int run(const RunArguments& arguments) {
  install_signal_handlers();
  training::prepare_process();
  const auto environment = training::this_environment();
  Workspace workspace;
  auto loaded = load_experiment(workspace, arguments);
  experiment::RunParams params;
  experiment::load_section(loaded.experiment.tree, "run", params);
  const auto chosen = sweep::select(loaded.plan, arguments.only);
  ProgressDisplay display(
      arguments.quiet ? ProgressDisplay::Style::quiet : ProgressDisplay::detect(),
      abandon_requested);
  if (!training::has_fast_blas())
    display.on_note(
        "LibTorch uses the reference BLAS, which is many times slower than OpenBLAS; "
        "install libopenblas0-serial");
  has_begun = true;
  results::ResultsFolder folder(loaded.paths);
  folder.read_summaries(loaded.plan);
  const auto look = [&] {
    results::require_readable_results(loaded.paths);
    return sweep::trial_statuses(loaded.plan, loaded.search, folder, workspace.registry,
                                 environment);
  };
  try_guarded(result_files(loaded.paths), look);
  const auto trials = look();
  // Before the folder is made: a wrong experiment leaves nothing behind.
  std::optional<std::chrono::duration<double>> timeout;
  if (params.trial_timeout.has_value()) timeout.emplace(params.trial_timeout());
  const auto due = sweep::due_trials(trials, chosen, arguments.run.rerun);
  const auto gpus =
      sweep::gpus_of(loaded.plan, chosen, params, sweep::visible_gpus(), training::has_cuda());
  if (!gpus.note.empty() && !due.empty()) display.on_note(gpus.note);
  for (const auto& crash : sweep::preflight(
           loaded.plan, workspace.registry, workspace.data, due,
           [] { return stop_requested.load(); }, timeout, loaded.search, gpus))
    display.on_note(crash);
  for (const auto& note :
       training::schedule_notes(loaded.plan, due, workspace.registry, workspace.data))
    display.on_note(note);
  std::optional<live::LivePage> page;
  if (arguments.live) {
    page.emplace(loaded.experiment.name, loaded.paths, arguments.live_host, arguments.live_port);
    fmt::print(stderr, "live page: {}\n", page->url());
    if (!page->is_loopback())
      display.on_note("every machine that reaches this one can read the live page");
  }

  std::vector<sweep::RunObserver*> observers = {&display};
  if (page) observers.push_back(&*page);
  std::optional<RunLog> log;
  if (params.log_to.has_value()) observers.push_back(&log.emplace(params.log_to(), loaded.paths));
  const sweep::Run run{
      .plan = loaded.plan,
      .registry = workspace.registry,
      .data = workspace.data,
      .environment = environment,
      .folder = folder,
      .params = params,
      .options = arguments.run,
      .chosen = chosen,
      .gpus = gpus,
      .search = loaded.search,
      .growth = arguments.only.empty() ? loaded.growth : std::nullopt,
      .info = experiment_info(loaded, workspace, environment),
      // varia merge reads it from the results folder, where relative paths would start elsewhere.
      .experiment_yaml = experiment::write_yaml(experiment::standalone(loaded.experiment)),
      .merge_within = [&](const sweep::Merge& merge) { return merge_guarded(loaded.paths, merge); },
      .stop = stop_requested,
      .abandon = abandon_requested,
      .observers = std::move(observers)};
  const auto started = std::chrono::steady_clock::now();
  const auto summary = sweep::run_experiment(run, trials);
  if (page)
    page->finish(summary.interrupted ? live::RunState::interrupted : live::RunState::finished);
  if (log)
    if (const auto problem = log->finish([] { return abandon_requested.load(); }); !problem.empty())
      display.on_note(problem);

  if (abandon_requested) return kInterrupted;  // at once, even where no one reads
  // Stopped before the first step, there is nothing to show.
  if (std::filesystem::exists(loaded.paths.merged()))
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
    display.print(
        fmt::format("interrupted with {} of {} done; the same command goes on with what "
                    "is missing",
                    done, count_text(done + summary.failed + summary.left, "planned trial")));
    return kInterrupted;
  }
  return has_failed ? kSomeFailed : kAllDone;
}

/// --from takes the place of the experiment file, so the first argument is an override.
void take_source(ExperimentOptions& options) {
  if (options.from.empty() && options.file.empty())
    throw CLI::RequiredError("experiment or --from");
  if (options.from.empty() || options.file.empty()) return;
  options.overrides.insert(options.overrides.begin(), options.file);
  options.file.clear();
}

}  // namespace

void add_run(CLI::App& app, Action& action) {
  const auto options = std::make_shared<RunArguments>();
  auto* command = app.add_subcommand("run", "Train what is missing of an experiment");
  add_experiment_options(*command, *options);
  command->get_option("experiment")->required(false);
  auto* from = command
                   ->add_option("--from", options->from,
                                "Run one trial of a results file again, alone, in place of an "
                                "experiment file; it is named <experiment>_<id>")
                   ->type_name("RESULTS.h5");
  take_results_files(*from);
  command->add_option("--trial", options->trial, "Which: its id, the id's beginning, or its row")
      ->type_name("ID|ROW")
      ->needs(from);
  from->needs("--trial");
  command->add_flag("-q,--quiet", options->quiet, "Print failures and notes alone");
  command
      ->add_option(
          "-j,--jobs", options->run.jobs,
          "Trials at the same time (default: the cores, or places on GPUs, that it may use)")
      ->type_name("N")
      ->check(CLI::Range(1, 4096));
  add_only(*command, options->only);
  command
      ->add_option_function<std::string>(
          "--rerun", [options](const auto& name) { options->run.rerun = sweep::rerun_named(name); },
          "Run trials again that failed, or that are stale")
      ->check(CLI::IsMember({"failed", "stale"}));
  command->add_flag_callback(
      "--no-merge", [options] { options->run.merge = false; },
      "Leave the merged file as it is; varia merge writes it");
  command
      ->add_option("--deadline", options->run.deadline,
                   "When the machine is taken away, in seconds since 1970: no trial is started "
                   "that would not reach a checkpoint before")
      ->type_name("TIME");
  auto* live = command->add_flag("--live", options->live,
                                 "Serve a page with curves and pictures while it runs");
  command
      ->add_option("--live-port", options->live_port,
                   "Its port (default: 8097 or the next free one; 0: any free one)")
      ->type_name("PORT")
      ->check(CLI::Range(0, 65535))
      ->needs(live);
  command
      ->add_option("--live-host", options->live_host,
                   "The address it is served at; 0.0.0.0 lets other machines read it")
      ->type_name("ADDRESS")
      ->capture_default_str()
      ->needs(live);
  set_exit_codes(*command, {{kAllDone, "all trials are done"},
                            {kSomeFailed, "some failed or are missing, and the others are kept"},
                            {kWrong, "the experiment or the call is wrong"},
                            {kInterrupted, "interrupted: the same command resumes"}});
  command->callback([options, &action] {
    take_source(*options);
    action = [options] { return run(*options); };
  });
}

}  // namespace varia::cli
