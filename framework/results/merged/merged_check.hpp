#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "results/merged/results.hpp"

namespace varia::results {

/// A trial file, and the row of a merged file that is to hold the same.
struct MergedRow {
  std::size_t row = 0;
  std::string path;
};

/// Compares every value of trial files, bit by bit, with what a merged file holds: status,
/// origin, settings, YAML, metrics, schedules, curves per step, seconds, pictures
/// and points.
/// @param rows ascending, each once
/// @returns for each of them "" where all is the same, else what is not
/// @throws StoreError where the merged file is damaged; a trial file that cannot be read is told
std::vector<std::string> check_merged(const Results& results, const std::vector<MergedRow>& rows);

}  // namespace varia::results
