#include "cli/sweep/sweep_commands.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/options.hpp"
#include "experiment/params/cluster_params.hpp"

namespace varia::cli {

namespace {

void add_experiment_options(CLI::App* command, ExperimentOptions& options) {
  command->add_option("experiment", options.file, "The experiment file (experiments/README.md)")
      ->required()
      ->type_name("EXPERIMENT.yaml");
  command
      ->add_option("overrides", options.overrides,
                   "Replace values: loss.beta=4, train.epochs=1, 'model.hidden=[400, 400]'; a "
                   "key of the sweep fixes that axis")
      ->type_name("KEY=VALUE");
  command->add_option("-o,--results", options.results, "Folder of the results")
      ->type_name("DIR")
      ->check(check_folder_name)
      ->capture_default_str();
  command
      ->add_option("--name", options.name,
                   "Another name for the experiment: a quick run beside the real one")
      ->type_name("NAME");
  command->add_flag("--json", options.json, "Print JSON");
}

/// Beside --from there is no experiment file: what stands in its place is an override.
void take_source(ExperimentOptions& options) {
  if (options.from.empty() && options.file.empty())
    throw CLI::RequiredError("experiment or --from");
  if (options.from.empty() || options.file.empty()) return;
  options.overrides.insert(options.overrides.begin(), options.file);
  options.file.clear();
}

void add_only(CLI::App* command, std::vector<std::string>& only) {
  command
      ->add_option("--only", only,
                   "Only these trials (repeatable): an id or its beginning, KEY=VALUE, "
                   "replicate=R, or @FILE with one of these per line")
      ->type_name("WHAT")
      ->allow_extra_args(false);
}

void add_named_options(CLI::App* command, NamedOptions& options) {
  command->add_option("name", options.name, "The experiment's name: results/NAME")
      ->required()
      ->type_name("NAME");
  command->add_option("-o,--results", options.results, "Folder of the results")
      ->type_name("DIR")
      ->check(check_folder_name)
      ->capture_default_str();
  command->add_flag("--json", options.json, "Print JSON");
}

}  // namespace

void SweepCommands::add_to(CLI::App& app, Action& action) {
  add_run(app, action);
  add_plan(app, action);
  add_status(app, action);
  add_merge(app, action);
  add_submit(app, action);
}

void SweepCommands::add_run(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand("run", "Train what is missing of an experiment");
  add_experiment_options(command, run_.experiment);
  command->get_option("experiment")->required(false);
  auto* from = command
                   ->add_option("--from", run_.experiment.from,
                                "Run one trial of a results file again, alone, in place of an "
                                "experiment file; it is named <experiment>_<id>")
                   ->type_name("RESULTS.h5");
  command
      ->add_option("--trial", run_.experiment.trial,
                   "Which: its id, the id's beginning, or its row")
      ->type_name("ID|ROW")
      ->needs(from);
  from->needs("--trial");
  command->add_flag("-q,--quiet", run_.quiet, "Print failures and notes alone");
  command
      ->add_option("-j,--jobs", run_.run.jobs,
                   "Trials at the same time (default: the cores that it may use)")
      ->type_name("N")
      ->check(CLI::Range(1, 4096));
  add_only(command, run_.only);
  command
      ->add_option_function<std::string>(
          "--rerun", [this](const auto& name) { run_.run.rerun = sweep::rerun_named(name); },
          "Run trials again that failed, or that are stale")
      ->check(CLI::IsMember({"failed", "stale"}));
  command->add_flag_callback(
      "--no-merge", [this] { run_.run.merge = false; },
      "Leave the merged file as it is; varia merge writes it");
  command
      ->add_option("--deadline", run_.run.deadline,
                   "When the machine is taken away, in seconds since 1970: no trial is started "
                   "that would not reach a checkpoint before")
      ->type_name("TIME");
  auto* live =
      command->add_flag("--live", run_.live, "Serve a page with curves and pictures while it runs");
  command
      ->add_option("--live-port", run_.live_port,
                   "Its port (default: 8097 or the next free one; 0: any free one)")
      ->type_name("PORT")
      ->check(CLI::Range(0, 65535))
      ->needs(live);
  command
      ->add_option("--live-host", run_.live_host,
                   "The address it is served at; 0.0.0.0 lets other machines read it")
      ->type_name("ADDRESS")
      ->capture_default_str()
      ->needs(live);
  command->callback([this, &action] {
    take_source(run_.experiment);
    action = [this] { return run(run_); };
  });
}

void SweepCommands::add_plan(CLI::App& app, Action& action) {
  auto* command =
      app.add_subcommand("plan", "List the trials of an experiment and what is done of them");
  add_experiment_options(command, plan_.experiment);
  add_only(command, plan_.only);
  command->add_flag("--all", plan_.all, "List every trial; else the first 50 of each state");
  auto* commands = command->add_flag(
      "--commands", plan_.commands,
      "Print one shell command for each trial that is not done, for other batch systems");
  command
      ->add_flag("--prune", plan_.prune,
                 "Remove what the results folder holds of trials that the plan has not; asks")
      ->excludes(commands);
  command->add_flag("--yes", plan_.yes, "Do not ask");
  command->callback([this, &action] { action = [this] { return plan(plan_); }; });
  command = app.add_subcommand(
      "check", "Check a whole experiment without training: files, parameters, one batch each");
  add_experiment_options(command, check_);
  command->callback([this, &action] { action = [this] { return check(check_); }; });
}

void SweepCommands::add_status(CLI::App& app, Action& action) {
  auto* command =
      app.add_subcommand("status", "Show how far a sweep is, from its results folder alone");
  add_named_options(command, status_.named);
  command->add_flag("--all", status_.all, "List every trial");
  command->callback([this, &action] { action = [this] { return status(status_); }; });
}

void SweepCommands::add_merge(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "merge", "Write the merged file from what is there, and tell what is missing");
  add_named_options(command, merge_.named);
  command
      ->add_option("--experiment", merge_.experiment,
                   "The experiment file (default: what the last run left beside the results)")
      ->type_name("EXPERIMENT.yaml");
  command->add_flag("--pack", merge_.pack,
                    "Remove the trial files of what the merged file holds; all is compared before");
  command->add_flag("--prune", merge_.prune, "Drop the rows of trials that the plan has not; asks");
  command->add_flag("--yes", merge_.yes, "Do not ask");
  command->callback([this, &action] { action = [this] { return merge(merge_); }; });
}

void SweepCommands::add_submit(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand("submit", "Send what is missing of an experiment to Slurm");
  add_experiment_options(command, submit_.experiment);
  command->add_option("--only", submit_.only, "Only these trials (repeatable), as varia run --only")
      ->type_name("WHAT")
      ->allow_extra_args(false);
  command->add_option("--rerun", submit_.rerun, "Send trials again that failed, or that are stale")
      ->check(CLI::IsMember({"failed", "stale"}));
  auto* dry_run = command->add_flag("--dry-run", submit_.dry_run,
                                    "Print every file and command, and write nothing");
  command
      ->add_flag("--no-send", submit_.no_send,
                 "Write the submission; its submit.sh sends it from where Slurm is")
      ->excludes(dry_run);
  for (const auto& parameter : experiment::ClusterParams().describe()) {
    if (parameter.type.find("list") != std::string::npos) continue;
    std::string option = "--" + parameter.name;
    std::replace(option.begin(), option.end(), '_', '-');
    command->add_option(option, submit_.cluster[parameter.name], parameter.doc)
        ->type_name(parameter.type == "text" ? "TEXT" : "N")
        ->group("Keys of cluster");
  }
  command->callback([this, &action] { action = [this] { return submit(submit_); }; });
}

}  // namespace varia::cli
