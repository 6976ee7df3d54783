#pragma once

#include <filesystem>
#include <vector>

namespace varia::cluster {

/// The program that runs, then the libraries of its own that it has loaded (libvaria): what a task
/// on another machine must find unchanged.
std::vector<std::filesystem::path> program_files();

}  // namespace varia::cluster
