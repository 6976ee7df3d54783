#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/help_text.hpp"
#include "cli/options.hpp"
#include "cli/sweep/local_run.hpp"
#include "cli/terminal/terminal.hpp"
#include "cli/terminal/text.hpp"
#include "cli/workspace.hpp"
#include "experiment/sections.hpp"
#include "sweep/preflight.hpp"
#include "sweep/selection.hpp"
#include "training/environment.hpp"
#include "training/plan_notes.hpp"
#include "varia/error.hpp"

namespace varia::cli {

namespace {

/// What `varia run` would say of the GPUs of this machine; the runs may be meant for another one.
std::string gpu_note(const LoadedExperiment& loaded, const std::vector<std::size_t>& trials) {
  experiment::RunParams params;
  experiment::load_section(loaded.experiment.tree, "run", params);
  try {
    return gpus_for(loaded, trials, params).note;
  } catch (const ConfigError& error) {
    return fmt::format("{}. It was tried on the CPU; a run on this machine is refused",
                       error.what());
  }
}

int check(const ExperimentOptions& options) {
  training::prepare_process();
  Workspace workspace;
  const auto loaded = load_experiment(workspace, options);
  const auto all = sweep::select(loaded.plan, {});
  const auto crashes = sweep::preflight(
      loaded.plan, workspace.registry, workspace.data, all, [] { return false; }, std::nullopt,
      loaded.search, {}, experiment::published_metrics(loaded.published));
  for (const auto& crash : crashes) print_error(crash);
  auto notes = training::plan_notes(loaded.plan, all, workspace.registry, workspace.data);
  if (auto note = gpu_note(loaded, all); !note.empty()) notes.push_back(std::move(note));
  for (const auto& note : notes) print_note(note);
  if (options.json)
    print_json({{"experiment", loaded.experiment.name},
                {"trials", loaded.plan.trials.size()},
                {"crashes", crashes},
                {"notes", notes}});
  else if (crashes.empty())
    fmt::print("{}: {}\n", options.file,
               loaded.plan.trials.size() == 1
                   ? std::string("1 trial, it can be run")
                   : fmt::format("{} trials, all can be run", loaded.plan.trials.size()));
  return crashes.empty() ? kAllDone : kWrong;
}

}  // namespace

void add_check(CLI::App& app, Action& action) {
  const auto options = std::make_shared<ExperimentOptions>();
  auto* command = app.add_subcommand(
      "check",
      "Check a whole experiment without training: files, parameters, one batch each. It runs the "
      "code of the experiment's plugins and TorchScript files: check those of people you trust");
  add_experiment_options(*command, *options);
  set_exit_codes(*command, {{kAllDone, "all trials can be run"},
                            {kWrong, "the experiment or the call is wrong"}});
  command->callback([options, &action] { action = [options] { return check(*options); }; });
}

}  // namespace varia::cli
