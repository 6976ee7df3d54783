#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/terminal/terminal.hpp"
#include "cli/workspace.hpp"
#include "experiment/schema.hpp"

namespace varia::cli {

namespace {

int print_schema(const std::vector<std::string>& plugins) {
  Workspace workspace;
  for (const auto& plugin : plugins) workspace.host.load(plugin);
  print_json(nlohmann::json::parse(experiment::experiment_schema(workspace.registry).canonical()));
  workspace.print_failures();
  return kAllDone;
}

}  // namespace

void add_schema(CLI::App& app, Action& action) {
  const auto plugins = std::make_shared<std::vector<std::string>>();
  auto* command = app.add_subcommand(
      "schema",
      "Print the JSON Schema of experiment files, by which editors complete and check them");
  command
      ->add_option("--plugin", *plugins,
                   "Also include the components of this plugin, which is not on the search path "
                   "(repeatable)")
      ->type_name("FILE.so")
      ->allow_extra_args(false);
  command->callback([=, &action] { action = [=] { return print_schema(*plugins); }; });
}

}  // namespace varia::cli
