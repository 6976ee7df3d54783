#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/options.hpp"
#include "cli/trained/stored_trial.hpp"
#include "cli/workspace.hpp"
#include "experiment/plan.hpp"
#include "results/code_file.hpp"
#include "training/evaluation/new_data.hpp"
#include "training/evaluation/trained_model.hpp"

namespace varia::cli {

/// The model of one trial of a results file, loaded. training::prepare_process() was called before.
class TrainedTrial {
 public:
  /// @param overrides of its experiment: the views that are asked for
  /// @throws ConfigError: no such trial, its parameters were not kept, a plugin is missing or is
  ///         another build, its data has changed; StoreError: a file is damaged
  TrainedTrial(const TrainedOptions& options, const std::vector<std::string>& overrides);

  const StoredTrial& stored() const { return stored_; }
  const experiment::Trial& trial() const { return plan_.trials.front(); }
  /// The file of the kept parameters.
  const std::string& parameters() const { return parameters_; }
  training::TrainedModel& model() { return *model_; }
  /// @param section of `data`, for the model
  /// @throws ConfigError, DataError
  training::NewData new_data(const Value& section);
  /// A file of what the model makes of samples.
  results::CodeFile new_file(const std::string& path, const std::string& format) const;

 private:
  StoredTrial stored_;
  Workspace workspace_;
  experiment::Plan plan_;
  std::string parameters_;
  std::unique_ptr<training::TrainedModel> model_;
};

}  // namespace varia::cli
