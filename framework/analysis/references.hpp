#pragma once

#include <vector>

#include "analysis/comparison.hpp"

namespace varia::analysis {

/// Finds what each setting is compared with.
/// @param groups all trials of each setting, also those that `best` leaves out
/// @throws ConfigError for a key that does not tell settings apart, or a value that none has
void find_references(const ComparisonRequest& request, const std::vector<Setting>& groups,
                     Comparison& comparison);

}  // namespace varia::analysis
