#include "cli/sweep/shell_commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/terminal/text.hpp"
#include "cluster/shell.hpp"
#include "files/process.hpp"

namespace varia::cli {

namespace {

/// The program that runs now: the one that the commands are to call.
std::string this_program() {
  const auto path = files::own_program();
  return path.empty() ? "varia" : path.string();
}

std::string line_of(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

std::string shell_commands(const LoadedExperiment& loaded, const ExperimentOptions& options,
                           const std::vector<results::TrialStatus>& trials,
                           const std::vector<std::size_t>& chosen) {
  const auto program = cluster::shell_quoted(this_program());
  const auto results = " --results " + cluster::shell_quoted(options.results);
  std::string tail = " --jobs 1 --no-merge --quiet" + results;
  if (!options.name.empty()) tail += " --name " + cluster::shell_quoted(options.name);
  for (const auto& text : options.overrides) tail += " " + cluster::shell_quoted(text);
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
      commands += fmt::format("{} run {} --only {}{}\n", program,
                              cluster::shell_quoted(options.file), trial.id, tail);
    }
  }
  std::string text = fmt::format(
      "# {} of {} that {} not done: one command each, to be run in any order, any number at once.\n"
      "# Run them in {}, and afterwards\n#   {} merge {}{}\n",
      count_text(count, "trial"), loaded.experiment.name, count == 1 ? "is" : "are",
      line_of(cluster::shell_quoted(std::filesystem::current_path().string())), program,
      loaded.experiment.name, line_of(results));
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
