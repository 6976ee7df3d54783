#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "results/records.hpp"

namespace varia::results {

/// All of a trial file. A value that an epoch did not record reads as NaN once any epoch has it.
struct Trial {
  TrialHeader header;
  std::vector<EpochRecord> epochs;
  std::map<std::string, View> views;
  std::map<std::string, std::vector<Points>> points;
};

/// One metric of a trial file.
struct TrialCurve {
  TrialInfo trial;
  std::vector<double> values;  ///< by epoch from 1; none if the file has no such number
  Better better = Better::neither;
};

/// Each of these throws StoreError: not there, not a trial file, another format version, damaged.
/// Thousands of files take some milliseconds: it reads the text before the HDF5 part, and the
/// attributes if that text is missing or damaged.
TrialInfo read_trial_info(const std::string& path);
TrialHeader read_trial_header(const std::string& path);
Trial read_trial(const std::string& path);
/// The trial, and one of its metrics by epoch from 1: none if the file has no such number.
/// @param metric "validation/elbo", a single number
TrialCurve read_trial_curve(const std::string& path, const std::string& metric);

}  // namespace varia::results
