#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "runner/components.hpp"

namespace varia::runner {

/// The parameters of a trial that are kept (`train.keep`): those of the last good epoch, or of the
/// one with the lowest validation loss.
class KeptParameters {
 public:
  /// @param components outlives it
  KeptParameters(std::filesystem::path file, const TrialComponents& components);

  /// Takes a copy where this epoch is the one to keep so far and all its parameters are finite.
  /// @param epoch 0 before the first one
  /// @param validation_loss NaN where there is none
  void remember(std::int64_t epoch, double validation_loss);

  /// Writes what was remembered; nothing under `keep: none`.
  /// @throws StoreError
  void save() const;

 private:
  std::filesystem::path file_;
  const TrialComponents& components_;
  double best_loss_;
  std::int64_t epoch_ = 0;
  std::vector<std::pair<std::string, Tensor>> copies_;
};

}  // namespace varia::runner
