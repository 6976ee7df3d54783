#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "experiment/plan.hpp"
#include "results/folder/results_folder.hpp"
#include "results/merged/merge.hpp"

namespace varia::results {

/// What the results folder holds of a trial that is not in the plan any more.
struct Orphan {
  std::string id;
  std::vector<std::filesystem::path> files;
  std::vector<std::string> kinds;  ///< of each file: "trial file", "parameters" or "log"
  bool in_progress = false;        ///< has a folder of a trial in progress
  bool in_merged = false;          ///< has a row in the merged file
  std::uint64_t bytes = 0;         ///< of the files

  /// Where it was found: "trial file, parameters, row of the merged file".
  std::string reason() const;
};

/// Sorted by id. Names that are not a trial's are left alone.
/// @throws StoreError if the merged file cannot be read
std::vector<Orphan> find_orphans(const experiment::Plan& plan, ResultsFolder& folder);

struct PruneReport {
  std::vector<std::string> removed;  ///< ids
  /// Ids of those that a run is at work on; nothing of them was touched.
  std::vector<std::string> held;
  std::vector<std::string> problems;  ///< of writing the merged file anew, one line each
};

/// Removes the files of orphans, and their rows of the merged file. If a run holds one and
/// cannot be told to be dead at once, it is watched for `patience`.
/// @param plan     whose trials stay
/// @param info     is written into the merged file
/// @param may_wait asked before that, with the number of those trials; false: they stay
/// @throws StoreError if something cannot be removed; what is gone by then stays gone
PruneReport prune(const std::vector<Orphan>& orphans, const experiment::Plan& plan,
                  ResultsFolder& folder, const ExperimentInfo& info,
                  std::chrono::milliseconds patience,
                  const std::function<bool(std::size_t)>& may_wait);

}  // namespace varia::results
