#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "experiment/trial.hpp"
#include "results/provenance.hpp"
#include "results/records.hpp"
#include "varia/registry.hpp"

/// What the file of a planned trial says before the trial is trained. Free of HDF5 and of LibTorch.
namespace varia::results {

/// The plugins whose components the sections of a trial name, at any depth, sorted. A library is
/// read once by this process.
/// @throws PluginError if a library cannot be read any more
std::vector<PluginVersion> plugins_of(const experiment::Trial& trial, const Registry& registry);

/// A digest of all that a trial's file is asked to hold: metrics, views and records per step.
std::string request_digest(const experiment::Trial& trial);

/// Its resolved parameters as results have them.
std::vector<Parameter> parameters_of(const experiment::Trial& trial);

/// All but the metrics, which are known when the trial is built.
/// @param records of the whole trial
/// @param token   of the lease under which the file is written
TrialHeader header_of(const experiment::Trial& trial, const Registry& registry,
                      const Environment& environment, std::int64_t records, std::uint64_t token);

/// A digest of all that a trial's results follow from: its resolved parameters, metrics and views,
/// its length, the versions of Varia and its libraries, and all its plugins. A checkpoint serves
/// only the trial that has the same one.
std::string fingerprint_of(const experiment::Trial& trial, const Registry& registry,
                           const TrialHeader& header);

}  // namespace varia::results
