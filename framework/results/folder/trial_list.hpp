#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "experiment/plan.hpp"
#include "results/folder/result_paths.hpp"

namespace varia::results {

/// A trial as a list names it.
struct ListedTrial {
  std::string id;
  std::int64_t records = 0;  ///< of the whole trial
  std::string label;         ///< for people: "loss.beta=4 replicate 1"
};

/// Writes which trials the plan has to `results/<name>/plan.tsv`, one per line, so that it can be
/// told from the files alone how far a sweep is. Each run does it at its start; the last one
/// counts.
/// @throws StoreError
void write_trial_list(const experiment::Plan& plan, const ResultPaths& paths);

/// The trials of such a file; none where it is not there.
/// @throws StoreError where it is no list of trials
std::vector<ListedTrial> read_trial_list(const ResultPaths& paths);

}  // namespace varia::results
