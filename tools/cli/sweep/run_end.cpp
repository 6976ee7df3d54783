#include "cli/sweep/run_end.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <utility>
#include <vector>

#include "cli/terminal/terminal.hpp"
#include "cluster/shell.hpp"
#include "varia/error.hpp"

namespace varia::cli {

namespace {

std::string counts_text(const sweep::RunSummary& summary) {
  return fmt::format("{} trained, {} kept, {} failed", summary.trained, summary.kept,
                     summary.failed);
}

/// env sets the variables, so that no word of them is read by a shell.
std::vector<std::string> command_of(const std::string& on_end, const RunEnd& end) {
  const auto& summary = end.summary;
  return {"env",
          "VARIA_EXPERIMENT=" + end.experiment,
          "VARIA_STATE=" + end.state,
          "VARIA_RESULTS=" + std::filesystem::absolute(end.results).string(),
          fmt::format("VARIA_TRAINED={}", summary.trained),
          fmt::format("VARIA_KEPT={}", summary.kept),
          fmt::format("VARIA_STOPPED={}", summary.stopped),
          fmt::format("VARIA_FAILED={}", summary.failed),
          fmt::format("VARIA_LEFT={}", summary.left),
          "sh",
          "-c",
          on_end};
}

void notify_desktop(const RunEnd& end) {
  const auto is_set = [](const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0';
  };
  if (end.took < std::chrono::minutes(1) || ::isatty(STDERR_FILENO) == 0) return;
  if (!is_set("DISPLAY") && !is_set("WAYLAND_DISPLAY")) return;
  // Without a desktop that listens it fails, and nobody misses it.
  cluster::run_command({"notify-send", "--app-name=varia", "--",
                        fmt::format("{}: {}", end.experiment, end.state),
                        counts_text(end.summary)});
}

}  // namespace

// The run has ended well or not: what cannot be told changes nothing of that.
std::string tell_end(const experiment::RunParams& params, const RunEnd& end) try {
  notify_desktop(end);
  if (!params.on_end.has_value()) return "";
  const auto outcome = cluster::run_command(command_of(params.on_end(), end));
  if (!outcome) return "run.on_end: there is no env or no sh to call it with";
  say(outcome->out + outcome->err);
  return outcome->code == 0 ? "" : fmt::format("run.on_end ended with code {}", outcome->code);
} catch (const std::exception& error) {
  return std::string("the end of the run cannot be told: ") + error.what();
}

}  // namespace varia::cli
