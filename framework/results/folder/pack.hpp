#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "experiment/plan.hpp"
#include "results/folder/result_paths.hpp"

namespace varia::results {

struct PackReport {
  std::size_t removed = 0;  ///< trial files
  double bytes = 0;         ///< that they took
  /// Why a trial file of a finished trial stays, one line each: it does not hold what the merged
  /// file holds, or a run is at work on the trial.
  std::vector<std::string> kept;
};

/// Removes the trial files of finished trials that the merged file holds to the last bit; every
/// value is compared before. Parameters stay. Each file is removed under the trial's lease, so that
/// none is lost that another run has just published.
/// @throws StoreError where the merged file cannot be read, or a file cannot be removed
PackReport pack(const experiment::Plan& plan, const ResultPaths& paths);

}  // namespace varia::results
