#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "results/merged/results.hpp"

namespace varia::analysis {

/// Two trials that are the same in what they were to learn, or nearly so.
struct TrialPair {
  std::size_t first = 0;   ///< row of the first file
  std::size_t second = 0;  ///< row of the second file
  /// What differs, one line each: "test/elbo: from epoch 2 on, by up to 0.031".
  std::vector<std::string> lines;
};

/// In what two results files differ.
struct Difference {
  std::size_t identical = 0;          ///< trials that are the same, bit for bit
  std::vector<TrialPair> results;     ///< one id, and other results
  std::vector<TrialPair> parameters;  ///< the same swept values and replicate, and other parameters
  std::vector<std::size_t> only_first;
  std::vector<std::size_t> only_second;
  /// What the trials were made with, where it differs: versions, plugins, processors.
  std::vector<std::string> environment;

  /// Whether all trials of both files are the same, bit for bit.
  bool is_none() const {
    return results.empty() && parameters.empty() && only_first.empty() && only_second.empty();
  }
};

/// Compares trials of one id by all that they recorded: status, epochs, metrics, schedules, curves
/// per step, pictures and points; not by times, hosts and tokens. What one file does not have, and
/// the other has without a value, is not a difference.
/// @throws StoreError if a file is damaged
Difference difference(const results::Results& first, const results::Results& second);

}  // namespace varia::analysis
