#pragma once

#include <map>
#include <string>

#include "experiment/trial.hpp"

namespace varia::experiment {

/// The ids of trials. A section that many trials share is written out once.
class TrialIds {
 public:
  /// The first 16 digits of the SHA-256 of the canonical text of a map: data, model, loss,
  /// optimizer (resolved), seed, samples of training, and what the data set says of its content.
  /// @param trial               its id is not read; its sections live as long as this
  /// @param data_digest         of the data set's content
  /// @param with_run_length     whether a schedule depends on it: it belongs to the identity then
  std::string of(const Trial& trial, const std::string& data_digest, bool with_run_length);

 private:
  const std::string& canonical(const SharedValue& section);

  std::map<const Value*, std::string> texts_;
};

}  // namespace varia::experiment
