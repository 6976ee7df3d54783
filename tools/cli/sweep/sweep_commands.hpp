#pragma once

#include <functional>

#include "cli/commands.hpp"

namespace CLI {
class App;
}

namespace varia::cli {

/// The commands that train a sweep and say how far it is: run, plan, check, status, merge, submit.
class SweepCommands {
 public:
  using Action = std::function<int()>;

  /// Defines them; each sets `action` when it is chosen. Both and this outlive the parsing.
  void add_to(CLI::App& app, Action& action);

 private:
  void add_run(CLI::App& app, Action& action);
  void add_plan(CLI::App& app, Action& action);
  void add_status(CLI::App& app, Action& action);
  void add_merge(CLI::App& app, Action& action);
  void add_submit(CLI::App& app, Action& action);

  RunArguments run_;
  PlanOptions plan_;
  ExperimentOptions check_;
  StatusOptions status_;
  MergeOptions merge_;
  SubmitOptions submit_;
};

}  // namespace varia::cli
