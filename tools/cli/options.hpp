#pragma once

#include <string>
#include <vector>

namespace varia::cli {

/// Exit codes that scripts rely on.
enum ExitCode { kAllDone = 0, kSomeFailed = 1, kWrong = 2, kInterrupted = 75 };

/// What commands about an experiment take.
struct ExperimentOptions {
  std::string file;
  std::vector<std::string> overrides;  ///< KEY=VALUE
  std::string results = "results";
  std::string name;  ///< replaces the experiment's
  bool json = false;
  std::string from;   ///< a results file, in place of `file`
  std::string trial;  ///< of `from`: the trial that is the experiment
};

/// What commands about the results of a name take.
struct NamedOptions {
  std::string name;
  std::string results = "results";
  bool json = false;
};

/// For CLI11's `check`. @returns what is wrong; empty if it can be a folder's name
inline std::string check_folder_name(const std::string& name) {
  return name.empty() ? "expected a folder, found empty text" : "";
}

}  // namespace varia::cli
