#pragma once

#include <string>
#include <vector>

#include "store/merge.hpp"

namespace varia::store {

/// Compares trial files with the merged file: every value of every metric, schedule, curve, picture
/// and scatter plot, the parameters and the fields of /trials, bit by bit.
/// @returns [trial] true where the merged file holds all that the trial file holds but for its
///          `config`; false where it does not, and where the trial file cannot be read
/// @throws StoreError where the merged file cannot be read
std::vector<bool> verify_merged(const std::string& path, const std::vector<PlannedTrial>& trials);

}  // namespace varia::store
