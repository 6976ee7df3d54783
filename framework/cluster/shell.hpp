#pragma once

#include <optional>
#include <string>
#include <vector>

namespace varia::cluster {

/// One word of a POSIX shell that stands for exactly this text, whatever is in it. Plain names stay
/// as they are.
std::string shell_quoted(const std::string& text);

/// Words, each quoted, with spaces between them.
std::string shell_words(const std::vector<std::string>& words);

/// Whether a text has a line break or another control character.
bool has_control_character(const std::string& text);

/// The line `#SBATCH --<option>=<value>`, the value quoted as sbatch reads it; without a value
/// if it is empty.
/// @throws ConfigError for a value with a line break or another control character
std::string directive(const std::string& option, const std::string& value = "");

/// What a program printed, and how it ended.
struct CommandOutcome {
  int code = 0;  ///< 128 and the signal's number if a signal ended it
  std::string out;
  std::string err;
};

/// Runs a program, without a shell, to its end; signals reach it as `spawn` says.
/// @param words the program, looked for in PATH, and its arguments
/// @returns nullopt if there is no such program
/// @throws Error if it cannot be started for another reason, or the system does not tell how it
///         ended
std::optional<CommandOutcome> run_command(const std::vector<std::string>& words);

}  // namespace varia::cluster
