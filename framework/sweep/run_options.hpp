#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace varia::sweep {

/// What a run is asked for beside its experiment.
struct RunOptions {
  enum class Rerun { nothing, failed, stale };
  Rerun rerun = Rerun::nothing;          ///< trials that are trained again
  std::optional<std::size_t> jobs;       ///< worker processes; none: by `run.jobs`, or the cores
  std::optional<std::int64_t> deadline;  ///< when the machine is taken away, seconds since 1970
  bool merge = true;                     ///< write the merged file at the end
};

/// The value of `--rerun`: "failed", "stale" or "".
RunOptions::Rerun rerun_named(const std::string& name);

}  // namespace varia::sweep
