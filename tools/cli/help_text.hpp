#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.hpp"

/// What `varia --help` and `varia COMMAND --help` print.
namespace varia::cli {

/// CLI11's help, with its lines broken between words where the terminal ends.
class HelpFormatter final : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;
};

/// Ends the help of a command with what its exit codes mean.
void set_exit_codes(CLI::App& command, const std::vector<std::pair<ExitCode, std::string>>& codes);

}  // namespace varia::cli
