#pragma once

#include "experiment/trial.hpp"
#include "results/records.hpp"
#include "training/data_cache.hpp"

namespace varia::training {

/// Tries a trial before it is trained: makes its components, metrics and views, infers two images
/// and evaluates the loss of every phase.
/// @returns what every epoch records of the validation split, with the values of this try
/// @throws ConfigError, DataError; any other error of a component becomes a ConfigError that names
///         the model, the loss and what the sweep varies
results::EpochRecord try_trial(const experiment::Trial& trial, const Registry& registry,
                               DataCache& data);

}  // namespace varia::training
