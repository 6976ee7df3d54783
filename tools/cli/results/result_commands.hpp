#pragma once

#include <functional>

#include "cli/commands.hpp"

namespace CLI {
class App;
}

namespace varia::cli {

/// The commands that read results files: show, diff, compare, export, report.
class ResultCommands {
 public:
  using Action = std::function<int()>;

  /// Defines them; each sets `action` when it is chosen. Both and this outlive the parsing.
  void add_to(CLI::App& app, Action& action);

 private:
  void add_show(CLI::App& app, Action& action);
  void add_diff(CLI::App& app, Action& action);
  void add_compare(CLI::App& app, Action& action);
  void add_export(CLI::App& app, Action& action);
  void add_report(CLI::App& app, Action& action);

  ShowOptions show_;
  DiffOptions diff_;
  CompareOptions compare_;
  ExportOptions export_;
  ReportOptions report_;
};

}  // namespace varia::cli
