#pragma once

#include <string>
#include <unordered_map>

#include "results/folder/result_paths.hpp"
#include "results/trial/trial_reader.hpp"

namespace varia::sweep {

/// What the merged file says of its trials, by id.
using MergedIndex = std::unordered_map<std::string, results::TrialInfo>;

/// Empty where there is no merged file.
/// @throws StoreError where it is damaged, or of another version
MergedIndex read_merged_index(const ResultPaths& paths);

}  // namespace varia::sweep
