#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "results/folder/result_paths.hpp"
#include "results/folder/runs_at_work.hpp"

namespace varia::results {

/// A trial that has begun and is not published.
struct TrialUnderWay {
  std::string id;
  std::string label;         ///< as a list of trials names it; empty: not known
  std::string run;           ///< that is at work on it; empty: none is
  std::int64_t records = 0;  ///< written so far
  std::int64_t target = 0;   ///< records of the whole trial; 0: not known
  double seconds = 0;        ///< that the records took
  double seconds_left = 0;   ///< NaN where it is not known
};

struct FailedTrial {
  std::string id;
  std::string label;
  std::string error;
};

/// How far a sweep is, from its files alone.
struct SweepStatus {
  std::string name;
  /// Trials that it is to have, by the list that its last run or submission left; 0: there is none,
  /// and what is missing cannot be told.
  std::size_t expected = 0;
  std::size_t done = 0;
  std::size_t packed = 0;     ///< of those done: rows of the merged file without a trial file
  std::size_t shorter = 0;    ///< of those done: with fewer epochs than are asked for now
  std::size_t untouched = 0;  ///< expected, and nothing is there
  std::size_t unplanned = 0;  ///< there, and not expected
  std::vector<FailedTrial> failed;
  std::vector<TrialUnderWay> under_way;  ///< a run is at work on them
  std::vector<TrialUnderWay> paused;     ///< none is: interrupted, or stopped by a search
  std::vector<RunAtWork> runs;
  std::vector<std::string> problems;  ///< files that cannot be read, one line each
  /// Until all that is expected is done, with as many trials at once as now; NaN: not known.
  double seconds_left = 0;
};

/// Reads trial files, checkpoints, beats, the list of trials and the merged file.
/// @throws StoreError where there are no results of that name
SweepStatus read_status(const ResultPaths& paths);

}  // namespace varia::results
