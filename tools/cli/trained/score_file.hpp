#pragma once

#include <string>
#include <vector>

#include "cli/trained/trained_trial.hpp"
#include "training/checkpoint/component_state.hpp"

namespace varia::cli {

/// The scores of a split's samples.
struct SplitScores {
  std::string split;
  std::vector<std::string> names;  ///< of the samples; empty if they have none
  /// [N] each: "index", the place of a sample in its file, "labels" if there are any, and scores.
  training::NamedTensors columns;
};

/// @throws ConfigError unless the path ends in .h5, .csv, .tsv or .npz
void require_score_file(const std::string& option, const std::string& path);

/// Writes scores in the format that the path's ending names: HDF5 with a group for each split, a
/// table with a row for each sample, or arrays named "<split>/<column>".
/// @throws StoreError
void write_scores(const TrainedTrial& trained, const std::vector<SplitScores>& scores,
                  const std::string& path);

}  // namespace varia::cli
