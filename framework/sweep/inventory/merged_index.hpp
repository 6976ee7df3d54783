#pragma once

#include <string>
#include <unordered_map>

#include "store/trial/trial_reader.hpp"
#include "sweep/inventory/result_paths.hpp"

namespace varia::sweep {

/// What the merged file says of its trials, by id.
using MergedIndex = std::unordered_map<std::string, store::TrialGlance>;

/// Empty where there is no merged file.
/// @throws StoreError where it is damaged, or of another version
MergedIndex read_merged_index(const ResultPaths& paths);

}  // namespace varia::sweep
