#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "results/merged/results.hpp"

/// Numbers of several results files as one array, padded with NaN.
namespace varia::report {

/// An array metric of more values than this is kept of each trial's last epoch alone.
inline constexpr std::int64_t kMostArrayValues = 4'000'000;
/// Curves per step of one name have at most about so many points; then every n-th stays.
inline constexpr std::size_t kMostSteps = 2'000'000;

/// Arrays of more values are refused: 2 GB.
inline constexpr std::int64_t kMostValues = std::int64_t{1} << 28;

/// Epochs of the longest trial.
std::int64_t epochs_of(const std::vector<results::Results>& files);

/// Whether a metric has so many values that each trial's last epoch alone is kept.
/// @param shape of one value: the largest of all files
/// @throws StoreError if that would be more than kMostValues
bool keeps_last_epoch_only(const std::vector<results::Results>& files, const std::string& name,
                           const std::vector<std::int64_t>& shape);
/// @param shape, last_only of all files, as `keeps_last_epoch_only` has them
/// @returns [trial, epoch, own axes...]; if last_only, [trial, own axes...]
std::vector<double> metric_series(const std::vector<results::Results>& files,
                                  const std::string& name, const std::vector<std::int64_t>& shape,
                                  bool last_only);
/// [trial] of a scalar metric, at each trial's last epoch; NaN for files that do not have it
std::vector<double> final_values(const std::vector<results::Results>& files,
                                 const std::string& name);
/// [trial, epoch]
std::vector<double> schedule_series(const std::vector<results::Results>& files,
                                    const std::string& key);
/// [trial, epoch] seconds of each epoch
std::vector<double> seconds_series(const std::vector<results::Results>& files);
/// Curves per step of all trials, one behind the other.
struct StepCurves {
  std::vector<std::size_t> offsets;  ///< [trial + 1] where each begins
  std::vector<double> steps;
  std::vector<double> values;
};

std::map<std::string, StepCurves> step_curves(const std::vector<results::Results>& files);

}  // namespace varia::report
