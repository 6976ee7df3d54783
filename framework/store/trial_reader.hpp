#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "store/records.hpp"

namespace varia::store {

/// All of a trial file. A value that an epoch did not record reads as NaN once any epoch has it.
struct Trial {
  TrialHeader header;
  Status status = Status::partial;
  std::string error;
  std::vector<EpochRecord> epochs;
  std::map<std::string, View> views;
  std::map<std::string, std::vector<Points>> points;
};

/// What is in a trial file, without the values.
struct TrialSummary {
  TrialHeader header;
  Status status = Status::partial;
  std::string error;
  std::int64_t epochs_done = 0;
  std::vector<std::string> metrics;    ///< "split/name"
  std::vector<std::string> schedules;  ///< parameter keys
  std::vector<std::string> steps;      ///< names of the curves per step
  std::vector<std::string> views;
  std::vector<std::string> points;
};

/// @throws StoreError: not there, not a trial file, another format version, damaged
Trial read_trial(const std::string& path);
TrialSummary read_trial_summary(const std::string& path);

}  // namespace varia::store
