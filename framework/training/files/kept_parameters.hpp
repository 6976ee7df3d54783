#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>

#include "files/lease.hpp"
#include "training/checkpoint/component_state.hpp"
#include "training/components.hpp"

namespace varia::training {

/// A copy of the parameters of one epoch.
struct Kept {
  std::int64_t epoch = 0;                                      ///< 0: before the first one
  double best_loss = std::numeric_limits<double>::infinity();  ///< under `keep: best`
  NamedTensors copies;                                         ///< none under `keep: none`
};

/// Writes them as a file of named tensors; nothing where there are none.
/// @param lease names the temporary file: who lost it may be writing another one
/// @throws StoreError
void save_kept(const Kept& kept, const std::filesystem::path& file, const files::Lease& lease);

/// The parameters of a trial that are kept (`train.keep`): those of the last good epoch, or of the
/// one with the lowest validation loss.
class KeptParameters {
 public:
  /// @param components outlives it
  explicit KeptParameters(const TrialComponents& components) : components_(components) {}

  /// Takes a copy where this epoch is the one to keep so far and all its parameters are finite.
  /// @param epoch 0 before the first one
  /// @param validation_loss NaN where there is none
  void remember(std::int64_t epoch, double validation_loss);

  const Kept& kept() const { return kept_; }
  /// Goes on from what another one kept.
  void restore(Kept kept) { kept_ = std::move(kept); }

 private:
  const TrialComponents& components_;
  Kept kept_;
};

}  // namespace varia::training
