#pragma once

#include <string>
#include <vector>

#include "results/folder/result_paths.hpp"
#include "results/merged/results.hpp"

namespace varia::cli {

/// Reads all values, pictures and points of a merged file, or of a trial file.
/// @throws StoreError where it is damaged
void read_everything(const std::string& path);

/// The files of a results folder that commands read: the merged file, those of trials, and those of
/// trials under way. None where there is no such folder.
std::vector<std::string> result_files(const results::ResultPaths& paths);

}  // namespace varia::cli
