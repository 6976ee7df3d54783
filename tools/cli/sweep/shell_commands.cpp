#include "cli/sweep/shell_commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/terminal/text.hpp"
#include "cluster/shell.hpp"
#include "varia/error.hpp"
#include "varia/host/program.hpp"

namespace varia::cli {

namespace {

/// The program that runs now: the one that the commands are to call.
std::string this_program() {
  const auto path = own_program();
  return path.empty() ? "varia" : path.string();
}

/// Quoted for a command that is one line: the script may be read line by line.
std::string quoted(const std::string& word) {
  if (word.find_first_of("\r\n") == std::string::npos) return cluster::shell_quoted(word);
  throw ConfigError("--commands prints one line for each trial, and '" + printable(word) +
                    "' has a line break");
}

/// For a comment.
std::string line_of(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  std::ranges::replace(text, '\r', ' ');
  return text;
}

}  // namespace

std::string shell_commands(const LoadedExperiment& loaded, const ExperimentOptions& options,
                           const std::vector<results::TrialStatus>& trials,
                           const std::vector<std::size_t>& chosen) {
  const auto program = quoted(this_program());
  const auto results = " --results " + quoted(options.results);
  std::string tail = " --jobs 1 --no-merge --quiet" + results;
  if (!options.name.empty()) tail += " --name " + quoted(options.name);
  for (const auto& text : options.overrides) tail += " " + quoted(text);
  std::string commands;
  std::size_t count = 0;
  std::size_t failed = 0;
  std::size_t stale = 0;
  std::size_t held = 0;
  for (const auto i : chosen) {
    const auto& trial = trials[i];
    if (trial.state == results::TrialState::done || trial.is_stopped()) continue;
    if (trial.state == results::TrialState::failed) {
      ++failed;
    } else if (trial.state == results::TrialState::stale) {
      ++stale;
    } else if (!trial.run.empty()) {
      ++held;
    } else {
      ++count;
      commands +=
          fmt::format("{} run {} --only {}{}\n", program, quoted(options.file), trial.id, tail);
    }
  }
  std::string text = fmt::format(
      "# {} of {} that {} not done: one command each, to be run in any order, any number at once.\n"
      "# Run them in {}, and afterwards\n#   {} merge {}{}\n",
      count_text(count, "trial"), loaded.experiment.name, count == 1 ? "is" : "are",
      line_of(cluster::shell_quoted(std::filesystem::current_path().string())), program,
      loaded.experiment.name, results);
  if (failed > 0)
    text +=
        fmt::format("# Left out: {} failed (varia run --rerun failed tries them again)\n", failed);
  if (stale > 0)
    text +=
        fmt::format("# Left out: {} stale (varia run --rerun stale trains them again)\n", stale);
  if (held > 0) text += fmt::format("# Left out: {} that a run is at work on\n", held);
  return text + commands;
}

}  // namespace varia::cli
