#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "results/records.hpp"
#include "training/built_in_metrics.hpp"
#include "training/checkpoint/component_state.hpp"
#include "training/early_stopping.hpp"
#include "training/evaluation/evaluator.hpp"

namespace varia::training {

/// What a record gathers step by step.
struct RecordInProgress {
  double seconds = 0;  ///< before this run
  std::map<std::string, RunningMean> means;
  std::map<std::string, std::vector<results::StepValue>> steps;
  /// Of the metrics that follow the training, when they are read out, and after a break.
  std::optional<Evaluator::RunningMetrics> metrics;
};

/// Where a trial stands after a step, beside what its file has: all that it needs to resume and
/// to end with the results that it would have had without a break, bit for bit.
struct Checkpoint {
  std::string trial;         ///< id
  std::string fingerprint;   ///< of what the results follow from (trial_header.hpp)
  std::int64_t step = 0;     ///< steps taken
  std::int64_t records = 0;  ///< complete ones, which the trial's file has

  RecordInProgress record;  ///< if all its steps are taken, its evaluation is still to do

  ComponentState components;
  ParameterSnapshot kept;  ///< by train.keep
  EarlyStopping stopping;
  /// What schedules follow, by "split/name".
  std::map<std::string, std::vector<StepValue>> measured;
};

/// Writes a file that is there whole or not at all; the one that was there becomes
/// `<path>.previous`, replacing an older one.
///
///     "VariaCkp", length of the content (uint64), XXH3-128 of the content, content
///
/// The content begins with the version of the format. Numbers are little-endian.
/// @throws StoreError
void write_checkpoint(const std::string& path, const Checkpoint& checkpoint);

/// Reads it again. The checksum is verified before anything else is read.
/// @param limit bytes that the file may have
/// @throws StoreError: not there, larger, damaged, of another version
Checkpoint read_checkpoint(const std::string& path, std::uint64_t limit);

}  // namespace varia::training
