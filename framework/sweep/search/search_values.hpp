#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "results/folder/result_paths.hpp"
#include "results/merged/results.hpp"

namespace varia::sweep {

/// What the results folder holds of a trial, for a search.
struct SearchedTrial {
  std::vector<double> values;  ///< of the metric, by record from 1; empty where there is none
  std::uint64_t token = 0;     ///< of the published file; 0: none, or it was not looked at
  bool done = false;           ///< published as done
  bool failed = false;
};

/// Reads the values of one metric from trial files, published or not, and from the merged file for
/// trials whose files were packed away.
class SearchValues {
 public:
  SearchValues(results::ResultPaths paths, std::string metric);

  /// Of files that are damaged it reads nothing.
  /// @param ignored token of a published file that does not count, as the trial is run anew
  SearchedTrial of(const std::string& id, std::uint64_t ignored = 0);

 private:
  std::vector<double> packed(const std::string& id);

  results::ResultPaths paths_;
  std::string metric_;
  std::optional<results::Results> merged_;
  std::map<std::string, std::size_t> rows_;  // of the merged file
  bool opened_ = false;
};

}  // namespace varia::sweep
