#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "experiment/plan.hpp"
#include "results/folder/merged_index.hpp"
#include "results/folder/result_paths.hpp"
#include "results/merged/merge.hpp"

namespace varia::results {

/// What the results folder holds of a trial that is not in the plan any more.
struct Orphan {
  std::string id;
  std::vector<std::filesystem::path> files;  ///< result, parameters, log
  bool under_way = false;                    ///< has a folder of a trial under way
  bool in_merged = false;                    ///< has a row in the merged file
  std::uint64_t bytes = 0;                   ///< of the files

  /// Where it was found: "trial file, parameters, row of the merged file".
  std::string reason() const;
};

/// Sorted by id. Names that are no trial's are left alone.
std::vector<Orphan> find_orphans(const experiment::Plan& plan, const ResultPaths& paths,
                                 const MergedIndex& merged);

struct PruneReport {
  std::vector<std::string> removed;  ///< ids
  /// Ids of those that a run is at work on; nothing of them was touched.
  std::vector<std::string> held;
  std::vector<std::string> problems;  ///< of writing the merged file anew, one line each
};

/// Removes the files of orphans, and their rows of the merged file. Where a run holds one that
/// cannot be told to be dead at once, it is watched for `patience`.
/// @param plan     whose trials stay
/// @param info     is written into the merged file
/// @param may_wait asked before that, with the number of those trials; false: they stay
/// @throws StoreError where something cannot be removed; what is gone by then stays gone
PruneReport prune(const std::vector<Orphan>& orphans, const experiment::Plan& plan,
                  const ResultPaths& paths, const ExperimentInfo& info,
                  std::chrono::milliseconds patience,
                  const std::function<bool(std::size_t)>& may_wait);

/// Ids of the trials that a folder has files `<id><ending>` of, or folders where `ending` is empty;
/// sorted. What has another name is left out.
std::vector<std::string> ids_in(const std::filesystem::path& folder, const std::string& ending);

/// The same of `trials()`, whose files lie in folders by the first two digits.
std::vector<std::string> published_ids(const ResultPaths& paths);

}  // namespace varia::results
