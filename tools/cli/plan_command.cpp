#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/table.hpp"
#include "cli/workspace.hpp"
#include "runner/messages.hpp"
#include "sweep/preflight.hpp"
#include "sweep/trial_state.hpp"

namespace varia::cli {

namespace {

nlohmann::json setting_json(const Value& value) {
  if (!value.quoted()) {
    if (const auto number = value.as_real()) return *number;
    if (const auto truth = value.as_boolean()) return *truth;
  }
  return value.text();
}

}  // namespace

int plan(const ExperimentOptions& options) {
  Workspace workspace;
  const auto loaded = load_experiment(workspace, options);
  std::map<std::string, std::size_t> counts;
  auto trials = nlohmann::json::array();
  Table table({"trial", "state", "replicate", "settings", "reason"});
  for (const auto& trial : loaded.plan.trials) {
    const auto planned = sweep::state_of(trial, loaded.paths);
    const std::string state = sweep::state_name(planned.state);
    ++counts[state];
    if (options.json) {
      nlohmann::json settings = nlohmann::json::object();
      for (const auto& setting : trial.parameters())
        if (setting.swept) settings[setting.key] = setting_json(setting.value);
      trials.push_back({{"id", trial.id},
                        {"state", state},
                        {"replicate", trial.replicate},
                        {"seed", trial.seed},
                        {"settings", settings},
                        {"reason", planned.reason}});
    } else {
      table.add({trial.id, state, std::to_string(trial.replicate), runner::swept_text(trial),
                 printable(planned.reason)});
    }
  }
  if (options.json) {
    fmt::print(
        "{}\n",
        nlohmann::json({{"experiment", loaded.experiment.name}, {"trials", trials}}).dump(2));
    return kAllDone;
  }
  std::string summary;
  for (const auto& [state, count] : counts)
    summary += fmt::format("{}{} {}", summary.empty() ? "" : ", ", count, state);
  fmt::print("{}{} trials: {}\n", table.text(), loaded.plan.trials.size(), summary);
  return kAllDone;
}

int check(const ExperimentOptions& options) {
  Workspace workspace;
  const auto loaded = load_experiment(workspace, options);
  sweep::preflight(loaded.plan, workspace.registry, workspace.data);
  if (options.json)
    fmt::print("{}\n", nlohmann::json({{"experiment", loaded.experiment.name},
                                       {"trials", loaded.plan.trials.size()}})
                           .dump(2));
  else
    fmt::print("{}: {} trials, all can be run\n", options.file, loaded.plan.trials.size());
  return kAllDone;
}

}  // namespace varia::cli
