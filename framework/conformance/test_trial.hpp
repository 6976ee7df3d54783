#pragma once

#include <string>
#include <utility>
#include <vector>

#include "conformance/check.hpp"
#include "experiment/trial.hpp"
#include "training/components.hpp"
#include "training/trainer.hpp"

namespace varia::conformance {

/// Makes a trial of the given sections; `metrics` and `views` are optional.
/// @param text YAML, a map: data, model, loss, optimizer, train, each but the last with `use`
/// @throws ConfigError
experiment::Trial make_trial(const std::string& text, const Registry& registry,
                             std::int64_t seed = 1);

/// A trial whose steps can be taken one by one.
struct TestTrial {
  /// @throws ConfigError if the components do not suit each other
  TestTrial(const std::string& text, const Registry& registry, std::int64_t seed = 1);
  experiment::Trial trial;
  training::DataCache cache;
  training::TrialComponents components;
  training::Trainer trainer;

  /// Parameters and buffers as they are now, copied.
  std::vector<std::pair<std::string, Tensor>> snapshot() const;
};

bool same_bits(const std::vector<std::pair<std::string, Tensor>>& a,
               const std::vector<std::pair<std::string, Tensor>>& b);

/// Takes a few steps, writes a checkpoint and takes a few more: once without a break, once in new
/// components that are restored from the checkpoint. What a component keeps besides its parameters,
/// its buffers and an optimizer's state is lost with a break, so that the later steps differ.
/// @param text a trial, as make_trial reads it
void check_resumes(const std::string& text, const Registry& registry, Findings& findings);

}  // namespace varia::conformance
