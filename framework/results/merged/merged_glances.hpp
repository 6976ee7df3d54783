#pragma once

#include <string>
#include <vector>

#include "results/trial/trial_reader.hpp"

namespace varia::results {

/// The trials of a merged file, in its order. So a trial whose own file was removed after a merge
/// is known to be done. 10,000 trials take less than half a second.
/// @throws StoreError: not there, not a results file, another version (both are named), damaged
std::vector<TrialGlance> read_merged_glances(const std::string& path);

}  // namespace varia::results
