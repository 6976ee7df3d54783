#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "results/folder/trial_status.hpp"

namespace varia::sweep {

/// Trials that are trained again.
struct Rerun {
  enum class What { nothing, failed, stale, listed };
  What what = What::nothing;
  /// For `listed`: by the trial's id, the token of the result that is to be replaced.
  std::map<std::string, std::uint64_t> tokens = {};

  bool covers(const results::TrialStatus& trial) const;
};

/// What a run is asked for beside its experiment.
struct RunOptions {
  Rerun rerun;
  std::optional<std::size_t> jobs;       ///< worker processes; none: by `run.jobs`, or the cores
  std::optional<std::int64_t> deadline;  ///< when the machine is taken away, seconds since 1970
  bool merge = true;                     ///< write the merged file at the end
};

/// The value of `--rerun`: "failed", "stale", "" or "@FILE" with the id of a trial and a token on
/// each line.
/// @throws Error if the file cannot be read, or has other lines
Rerun rerun_named(const std::string& name);

}  // namespace varia::sweep
