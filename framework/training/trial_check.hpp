#pragma once

#include "experiment/trial.hpp"
#include "results/records.hpp"
#include "training/data_cache.hpp"

namespace varia::training {

/// What a try of a trial tells.
struct TriedTrial {
  /// What every epoch records of the validation split, with the values of this try.
  results::EpochRecord record;
  Better better = Better::neither;  ///< of the metric that was asked for, as it is declared
};

/// Tries a trial before it is trained: makes its components, metrics and views, infers two images
/// and evaluates the loss of every phase.
/// @param metric "validation/elbo": whose declaration is asked for; may be empty
/// @throws ConfigError, DataError; any other error of a component becomes a ConfigError that names
///         the model, the loss and what the sweep varies
TriedTrial try_trial(const experiment::Trial& trial, const Registry& registry, DataCache& data,
                     const std::string& metric = {});

}  // namespace varia::training
