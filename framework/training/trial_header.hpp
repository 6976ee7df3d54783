#pragma once

#include <cstdint>
#include <string>

#include "experiment/trial.hpp"
#include "results/records.hpp"
#include "training/environment.hpp"
#include "varia/registry.hpp"

namespace varia::training {

/// Records of a whole trial: epochs, or evaluations where its length is given in steps.
/// @param train the resolved `train:` section
std::int64_t record_count(const Value& train);

/// The plugins whose components the data, model, loss and optimizer of a trial name, at any depth:
/// "name version digest", one per line, sorted. The digest is the SHA-256 of the library, read once
/// by this process; "-" for components that come from no file.
/// @throws PluginError where a library cannot be read any more
std::string plugins_of(const experiment::Trial& trial, const Registry& registry);

/// A digest of all that a trial's file is asked to hold: metrics, views and records per step.
std::string request_digest(const experiment::Trial& trial);

/// All that is known of a trial before it is built; its metrics are not.
/// @param records of the whole trial
/// @param token   of the lease under which the file is written
results::TrialHeader header_of(const experiment::Trial& trial, const Registry& registry,
                               const Environment& environment, std::int64_t records,
                               std::uint64_t token);

/// A digest of all that a trial's results follow from: its resolved parameters, metrics and views,
/// its length, the versions of Varia and its libraries, and all its plugins. A checkpoint serves
/// only the trial that has the same one.
std::string fingerprint_of(const experiment::Trial& trial, const Registry& registry,
                           const results::TrialHeader& header);

}  // namespace varia::training
