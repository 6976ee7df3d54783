#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "cli/commands.hpp"
#include "cli/shell/man_page.hpp"
#include "files/whole_file.hpp"

namespace varia::cli {

namespace {

/// Writes varia.1, and varia-COMMAND.1 of each command.
int write_pages(const CLI::App& app, const std::filesystem::path& folder) {
  const auto write = [&](const CLI::App& command, const std::string& name) {
    files::write_whole_file((folder / (name + ".1")).string(), man_page(app, command));
  };
  write(app, "varia");
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
    if (!command->get_group().empty()) write(*command, "varia-" + command->get_name());
  return kAllDone;
}

}  // namespace

void add_man(CLI::App& app, Action& action) {
  const auto folder = std::make_shared<std::string>();
  auto* command = app.add_subcommand("man", "Write the man pages of all commands to a folder");
  command->group("");  // for the build, not for people
  command->add_option("folder", *folder, "The folder")->required()->type_name("DIR");
  command->callback(
      [folder, &app, &action] { action = [folder, &app] { return write_pages(app, *folder); }; });
}

}  // namespace varia::cli
