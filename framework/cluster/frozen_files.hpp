#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "experiment/plan.hpp"

namespace varia::cluster {

/// A plugin whose library goes with a submission.
struct PluginFile {
  std::string name, version;
  std::filesystem::path file;  ///< canonical
  std::string digest;          ///< SHA-256 of the file when it was loaded
};

/// A file whose content is a part of what a trial is: a parameter `<name>` has its path, and the
/// parameter `<name>_sha256` beside it what is in it.
struct ParameterFile {
  std::filesystem::path file;  ///< absolute, as the parameter gives it
  std::string digest;          ///< SHA-256 of the file when the plan was made
};

/// Those of the trials with these ids, each once, in the order of the plan.
std::vector<ParameterFile> parameter_files(const experiment::Plan& plan,
                                           const std::vector<std::string>& ids);

/// The program that runs, then the libraries of its own that it has loaded (libvaria): what a task
/// on another machine must find unchanged.
std::vector<std::filesystem::path> program_files();

}  // namespace varia::cluster
