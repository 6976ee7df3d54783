#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "experiment/yaml/dotted_key.hpp"
#include "varia/error_list.hpp"

namespace varia::experiment {

/// An experiment file, merged with what it extends and with the overrides of the command line. The
/// keys of the framework are checked; those of components are checked by `make_plan`.
struct Experiment {
  std::string name;
  std::int64_t seed = 0;
  std::int64_t replicates = 1;
  /// Fixes the seed of the trial itself: what makes the YAML of one trial stand alone.
  std::optional<std::int64_t> trial_seed;
  /// Libraries and folders; relative paths were written relative to their file.
  std::vector<std::string> plugins;
  /// The whole experiment; every value knows where it was written.
  Value tree;
  /// Overrides of keys in sections. They are in `tree`, and hold in every trial whatever the sweep
  /// sets.
  std::vector<Assignment> overrides;
};

/// Reads an experiment file.
/// @param overrides `KEY=VALUE`, dotted keys and YAML values. An axis of the sweep with that key
///   is fixed; `AXIS=VARIANT` keeps one variant of a named axis; `sweep.KEY=[...]` sets an axis.
/// @param errors takes what is wrong in the framework's own keys, so that the sections of
///   components can be checked, too, before it is raised; null: it is thrown here
/// @throws ConfigError for whatever is wrong in the file, in what it extends, or in an override.
Experiment read_experiment(const std::string& path, const std::vector<std::string>& overrides = {},
                           ErrorList* errors = nullptr);

/// The same for text, such as the YAML of a trial. `source` stands for the file in messages;
/// relative paths are relative to its folder.
Experiment read_experiment_text(const std::string& text, const std::string& source,
                                const std::vector<std::string>& overrides = {});

/// An experiment as one file that can lie anywhere: everything merged, its name written out,
/// plugins as absolute paths, and `relative_to` as the folder where the paths of its sections
/// start, or as a map where these were written in files of several folders. The overrides are in
/// it.
///
/// Where one section was put together from files of several folders, its relative paths can only be
/// those of one of them, the file that was read.
Value standalone(const Experiment& experiment);

}  // namespace varia::experiment
