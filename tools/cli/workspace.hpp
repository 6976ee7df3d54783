#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "cli/options.hpp"
#include "experiment/experiment.hpp"
#include "experiment/params/published_params.hpp"
#include "experiment/plan.hpp"
#include "host/plugin_host.hpp"
#include "results/folder/result_paths.hpp"
#include "results/merged/merge.hpp"
#include "sweep/run.hpp"
#include "training/data_cache.hpp"
#include "training/environment.hpp"
#include "varia/registry.hpp"

namespace varia::cli {

/// The components that are at hand: those of the search path, and of what an experiment names.
class Workspace {
 public:
  Workspace();
  Registry registry;
  host::PluginHost host;
  training::DataCache data;

  /// "file: why" for every plugin of the search path that could not be loaded.
  void print_failures() const;
};

/// Loads the plugins that an experiment names.
/// @throws ConfigError with the place of each that cannot be loaded
void load_plugins(const experiment::Experiment& experiment, host::PluginHost& host);

/// @throws ConfigError if there is no such kind of component
void require_kind(const std::string& kind);

/// An experiment, read, with its plan.
struct LoadedExperiment {
  experiment::Experiment experiment;
  experiment::SharedSearch search;
  experiment::SharedPublished published;
  experiment::Plan plan;  ///< with the points that a search has proposed by now
  results::ResultPaths paths;
  /// What a run needs where the search proposes points.
  std::optional<sweep::Growth> growth;
};

/// Where the results of a name are. @throws ConfigError where it can be no experiment's
results::ResultPaths paths_of(const NamedOptions& options);

/// What the merged file says of the experiment.
results::ExperimentInfo experiment_info(const LoadedExperiment& loaded, const Workspace& workspace,
                                        const training::Environment& environment);

/// Reads the experiment, loads its plugins, resolves its plan. The experiment of one trial of a
/// results file is called `<experiment>_<id>`, so that it stands beside the sweep that it is from.
/// @param workspace outlives what is returned
/// @throws ConfigError, DataError, StoreError
LoadedExperiment load_experiment(Workspace& workspace, const ExperimentOptions& options);

}  // namespace varia::cli
