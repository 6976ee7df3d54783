#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.hpp"
#include "cli/help_text.hpp"
#include "cli/options.hpp"
#include "cli/sweep/local_run.hpp"
#include "cli/workspace.hpp"
#include "varia/error.hpp"

namespace varia::cli {

namespace {

int run(const RunArguments& arguments) {
  prepare_local_runs();
  Workspace workspace;
  auto loaded = load_experiment(workspace, arguments);
  return run_here(arguments, workspace, loaded);
}

/// --from takes the place of the experiment file, so the first argument is an override.
void take_source(ExperimentOptions& options) {
  if (options.from.empty() && options.file.empty())
    throw CLI::RequiredError("experiment or --from");
  if (options.from.empty() || options.file.empty()) return;
  if (options.file.find('=') == std::string::npos)
    throw ConfigError(fmt::format(
        "--from takes the place of the experiment file; expected KEY=VALUE behind it, found '{}'. "
        "Leave out one of the two",
        options.file));
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
  add_run_options(*command, options->run);
  add_only(*command, options->only);
  command->add_flag_callback(
      "--no-merge", [options] { options->run.merge = false; },
      "Leave the merged file as it is; varia merge writes it");
  command
      ->add_option("--deadline", options->run.deadline,
                   "Unix time at which the machine is taken away: a trial that could not reach a "
                   "checkpoint by then is not started")
      ->type_name("TIME")
      ->check(whole_number(0, 9'000'000'000));
  auto* live = command->add_flag("--live", options->live,
                                 "Serve a page with curves and pictures while it runs");
  command
      ->add_option("--live-port", options->live_port,
                   "Its port (default: 8097 or the next free one; 0: any free one)")
      ->type_name("PORT")
      ->check(whole_number(0, 65535))
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
