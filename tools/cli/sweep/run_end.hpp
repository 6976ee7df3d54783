#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "experiment/params/run_params.hpp"
#include "sweep/run.hpp"

namespace varia::cli {

/// A run that has ended.
struct RunEnd {
  std::string experiment;
  std::string state;              ///< done, failed (some trials did) or interrupted
  std::filesystem::path results;  ///< the merged file
  sweep::RunSummary summary;
  std::chrono::steady_clock::duration took;
};

/// Tells of the end by `run.on_end`, and by a notice on the desktop if someone may have left the
/// terminal: it is one, the run took more than a minute, and notify-send and a desktop are there.
///
/// `run.on_end` is given to sh as it stands; names reach it in its environment alone. What it
/// prints goes to standard error.
/// @returns what went wrong; empty if nothing did
std::string tell_end(const experiment::RunParams& params, const RunEnd& end);

}  // namespace varia::cli
