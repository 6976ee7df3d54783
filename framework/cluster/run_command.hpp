#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace varia::cluster {

/// What a program printed, and how it ended.
struct CommandOutcome {
  int code = 0;  ///< 128 and the signal's number where a signal ended it
  std::string out;
  std::string err;
};

/// Runs a program, without a shell, to its end.
/// @param words       the program, looked for in PATH, and its arguments
/// @param environment set on top of this process's
/// @returns nothing where there is no such program
/// @throws Error where it cannot be started for another reason
std::optional<CommandOutcome> run_command(
    const std::vector<std::string>& words,
    const std::map<std::string, std::string>& environment = {});

}  // namespace varia::cluster
