#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "results/records.hpp"

namespace varia::results {

/// All of a trial file. A value that an epoch did not record reads as NaN once any epoch has it.
struct Trial {
  TrialHeader header;
  Status status = Status::partial;
  std::string error;
  std::vector<EpochRecord> epochs;
  std::map<std::string, View> views;
  std::map<std::string, std::vector<Points>> points;
};

/// What people and plans ask of a trial file first. It stands as text before the HDF5 part of the
/// file, so that a thousand files are read in a few milliseconds; files without that text, or whose
/// text is damaged, are read through HDF5.
struct TrialGlance {
  std::string id;
  std::string experiment;
  Status status = Status::partial;
  std::string error;
  std::int64_t epochs_done = 0;
  std::int64_t target_epochs = 0;
  std::uint64_t seed = 0;
  std::int64_t replicate = 0;
  std::string host, cpu, versions, plugins, measures;  ///< as in TrialHeader
  std::uint64_t token = 0;
  double seconds = 0;  ///< of all its epochs

  bool operator==(const TrialGlance&) const = default;
};

/// One metric of a trial file.
struct TrialCurve {
  Status status = Status::partial;
  std::uint64_t token = 0;
  Better better = Better::neither;
  std::vector<double> values;  ///< by epoch from 1; none where the file has no such number
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
TrialGlance read_trial_glance(const std::string& path);
Trial read_trial(const std::string& path);
/// @param metric "validation/elbo", a single number
TrialCurve read_trial_curve(const std::string& path, const std::string& metric);
TrialSummary read_trial_summary(const std::string& path);

}  // namespace varia::results
