#pragma once

#include <string>
#include <utility>
#include <vector>

#include "experiment/trial.hpp"
#include "training/components.hpp"
#include "training/trainer.hpp"

namespace varia::conformance {

/// A trial with the given sections; `metrics` and `views` may be left out.
/// @param text YAML, a map: data, model, loss, optimizer, train, each but the last with `use`
/// @throws ConfigError
experiment::Trial make_trial(const std::string& text, const Registry& registry,
                             std::int64_t seed = 1);

/// A trial ready to be stepped.
struct TestTrial {
  /// @throws ConfigError where the components do not suit each other
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

}  // namespace varia::conformance
