#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/terminal/table.hpp"
#include "cli/workspace.hpp"
#include "sweep/preflight.hpp"
#include "training/environment.hpp"

namespace varia::cli {

int check(const ExperimentOptions& options) {
  training::prepare_process();
  Workspace workspace;
  const auto loaded = load_experiment(workspace, options);
  const auto crashes = sweep::preflight(
      loaded.plan, workspace.registry, workspace.data, std::nullopt, [] { return false; },
      std::nullopt, loaded.search.get());
  for (const auto& crash : crashes) fmt::print(stderr, "{}\n", printable(crash));
  if (options.json)
    fmt::print("{}\n", nlohmann::json({{"experiment", loaded.experiment.name},
                                       {"trials", loaded.plan.trials.size()},
                                       {"crashes", crashes}})
                           .dump(2));
  else if (crashes.empty())
    fmt::print("{}: {}\n", options.file,
               loaded.plan.trials.size() == 1
                   ? std::string("1 trial, it can be run")
                   : fmt::format("{} trials, all can be run", loaded.plan.trials.size()));
  return crashes.empty() ? kAllDone : kWrong;
}

}  // namespace varia::cli
