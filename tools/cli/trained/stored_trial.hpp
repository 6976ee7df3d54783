#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "experiment/experiment.hpp"
#include "experiment/plan.hpp"
#include "results/merged/results.hpp"

namespace varia::cli {

/// What a results file says of one trial that is to be run or used again.
struct StoredTrial {
  std::string file;  ///< the results file
  std::string id;
  std::string experiment;  ///< the name of its experiment
  std::string plugins;     ///< "name version digest", one per line
  std::string yaml;        ///< an experiment file of this trial alone

  /// For messages: "results/e.h5 trial b94294fefb50e614".
  std::string place() const { return file + " trial " + id; }
};

/// The YAML of a trial, with its tags and notes. Where relative paths of its data start is written
/// into it, as far as that is known: the run left it beside the results file, in
/// NAME/experiment.yaml.
/// @throws StoreError if the file is damaged
std::string yaml_of(const results::Results& results, std::size_t row);

/// Reads it in a process of its own (guarded_reading.hpp).
/// @param trial id, row, or the beginning of an id
/// @throws ConfigError where there is no such trial, StoreError
StoredTrial read_stored_trial(const std::string& results, const std::string& trial);

/// The experiment of the trial alone.
/// @param overrides `KEY=VALUE`, as of the command line
experiment::Experiment experiment_of(const StoredTrial& trial,
                                     const std::vector<std::string>& overrides);

/// @param plan of that experiment
/// @throws ConfigError where the plan's trial is another one
void require_trial(const experiment::Plan& plan, const StoredTrial& stored);

}  // namespace varia::cli
