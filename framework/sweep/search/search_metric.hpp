#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "experiment/params/search_params.hpp"
#include "results/folder/result_paths.hpp"
#include "results/merged/results.hpp"
#include "results/records.hpp"

namespace varia::sweep {

/// Checks that a trial records what a search compares. What a metric of the experiment records may
/// be missing at epochs at which it is not due.
/// @param record epoch 0: only its names are those of an epoch, without the experiment's metrics
/// @throws ConfigError naming the metrics that it records
void require_metric(const experiment::Search& search, const experiment::Trial& trial,
                    const results::EpochRecord& record);

/// Which values a search takes as better: the experiment's `order`, else what the metric declares.
/// @throws ConfigError if neither says it
Better searched_order(const experiment::Search& search, Better declared);

/// What the results folder holds of a trial, for a search.
struct SearchedTrial {
  std::vector<double> values;  ///< by record from 1, less is better; empty if there are none
  std::uint64_t token = 0;     ///< of the published file; 0: none, or it was not looked at
  bool done = false;           ///< published as done
  bool failed = false;
};

/// Reads the values of one metric from trial files, published or not, and from the merged file for
/// trials whose files were packed away.
class SearchValues {
 public:
  SearchValues(ResultPaths paths, experiment::Search search);

  /// Damaged files count as none.
  /// @param ignored token of a published file that does not count, as the trial is run anew
  /// @throws ConfigError if nothing says which values are better: see searched_order
  SearchedTrial of(const std::string& id, std::uint64_t ignored = 0);

 private:
  std::vector<double> packed(const std::string& id);
  /// So that less is better.
  std::vector<double> oriented(std::vector<double> values, Better declared) const;

  ResultPaths paths_;
  experiment::Search search_;
  std::optional<results::Results> merged_;
  std::map<std::string, std::size_t> rows_;  // of the merged file
  bool opened_ = false;
};

}  // namespace varia::sweep
