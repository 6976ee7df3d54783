#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "experiment/plan.hpp"

namespace varia::cluster {

/// A file of which a submission keeps a copy, so that later changes do not reach its tasks.
struct FrozenFile {
  std::filesystem::path file;  ///< absolute
  std::string digest;          ///< SHA-256 of it when it was loaded, or when the plan was made
  std::filesystem::path copy;  ///< in the submission's folder: "plugins/elbo.so"
  std::string name = {};       ///< of a plugin; else empty
  std::string version = {};
};

/// Adds the library of a plugin. The copies of two whose files have one name get different ones.
/// @param file canonical
void add_plugin(std::vector<FrozenFile>& plugins, const std::string& name,
                const std::string& version, const std::filesystem::path& file,
                const std::string& digest);

/// The files whose content is a part of what the trials with these ids are, each once, in the order
/// of the plan: a parameter `<name>` has the path, and the parameter `<name>_sha256` beside it what
/// is in the file.
std::vector<FrozenFile> parameter_files(const experiment::Plan& plan,
                                        const std::vector<std::string>& ids);

/// The program that runs, then the libraries of its own that it has loaded (libvaria): what a task
/// on another machine must find unchanged.
std::vector<std::filesystem::path> program_files();

}  // namespace varia::cluster
