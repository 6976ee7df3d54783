#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "experiment/params/cluster_params.hpp"
#include "varia/value.hpp"

namespace varia::cluster {

/// $XDG_CONFIG_HOME/varia/clusters.yaml, or ~/.config/varia/clusters.yaml.
std::filesystem::path profiles_path();

/// How an experiment is sent to Slurm: lays the command line onto the experiment's `cluster:`, and
/// both onto a profile: the one that they name, else the default of the file, else none.
///
///     default: campus
///     campus: {partition: cpu, account: physics, setup: ["module load gcc"]}
///
/// @param file      clusters.yaml; it need not exist
/// @param section   `cluster:` of the experiment, or null
/// @param arguments a map of the same keys
/// @returns them, with the name of the profile; the objects of parameters do not move
/// @throws ConfigError if the file, a profile or a key is wrong, the profile does not exist, or a
///         task would be over before its signal comes
std::unique_ptr<const experiment::ClusterParams> read_settings(const std::filesystem::path& file,
                                                               const Value* section,
                                                               const Value& arguments);

}  // namespace varia::cluster
