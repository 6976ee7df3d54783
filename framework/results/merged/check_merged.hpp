#pragma once

#include <string>
#include <vector>

#include "results/merged/results.hpp"

namespace varia::results {

/// Compares every value of trial files, bit by bit, with what a merged file holds: the fields of
/// the trial, settings, YAML, metrics, schedules, curves per step, seconds, pictures and points.
/// Fastest in the order of the rows.
/// @returns for each of them "" if all is the same, else what is not
/// @throws StoreError if the merged file is damaged; a trial file that cannot be read is told
std::vector<std::string> check_merged(Results results, const std::vector<PlannedTrial>& trials);

}  // namespace varia::results
