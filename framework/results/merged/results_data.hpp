#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "hdf5/hdf5.hpp"
#include "results/merged/results.hpp"

namespace varia::results {

/// Follows the name of a metric under /final: what it bounds, of each trial.
inline constexpr const char* kBoundSuffix = "_bound";

/// What to do about a merged file that is damaged.
inline constexpr const char* kMergeAgain =
    "Move it away: varia merge makes it anew from the files of its trials; those that were packed "
    "away are nowhere else.";

/// What an open results file holds. Private to framework/results.
struct ResultsData {
  hdf5::Object root;
  ExperimentInfo experiment;
  std::int64_t epochs = 0;
  std::vector<TrialInfo> trials;
  std::vector<ParameterColumn> parameters;
  std::vector<ParameterColumn> notes;
  std::vector<Column> metrics;
  std::vector<std::string> schedules;
  std::vector<std::string> steps;
  std::vector<ViewColumn> views;
  std::vector<std::string> points;

  const Column& metric(const std::string& name) const;
  /// Whether there is a data set of each trial's own bound of a metric.
  bool has_bounds(const std::string& metric) const;
  const ViewColumn& view(const std::string& name) const;
  /// Whether there is `group`/`name`, which not every file has.
  bool has(const std::string& group, const std::string& name) const;
  std::int64_t checked(std::size_t trial) const;
  /// The data set `group`/`name`, whose first axis is the trial.
  hdf5::Object dataset(const std::string& group, const std::string& name) const;
  /// Whole rows of a data set [trial, epoch, own...]. @throws StoreError if it has another shape
  Array rows(const hdf5::Object& dataset, const hdf5::Shape& own, std::size_t first,
             std::size_t count) const;
};

/// Reads the rows of /trials and what comes before them.
std::unique_ptr<ResultsData> open_results_head(const std::string& path);
/// Reads all but the values. @throws StoreError, VersionError as open_results
std::unique_ptr<ResultsData> open_results_data(const std::string& path);

}  // namespace varia::results
