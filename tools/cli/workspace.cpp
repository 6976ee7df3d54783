#include "cli/workspace.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <filesystem>

#include "cli/terminal/terminal.hpp"
#include "cli/trained/stored_trial.hpp"
#include "experiment/axes/searched_sweep.hpp"
#include "experiment/sections.hpp"
#include "experiment/yaml/yaml_writer.hpp"
#include "sweep/search/proposals.hpp"
#include "varia/error_list.hpp"
#include "varia/sha256.hpp"
#include "varia/value.hpp"

namespace varia::cli {

Workspace::Workspace() : host(registry), data(registry) {
  host.load_search_path(host::default_search_path());
}

void Workspace::print_failures() const {
  for (const auto& failure : host.failures()) print_note("a plugin was left out: " + failure);
}

void load_plugins(const experiment::Experiment& experiment, host::PluginHost& host) {
  const Value* written = experiment.tree.find("plugins");
  const bool is_list = written != nullptr && written->is_list();
  ErrorList errors;
  for (std::size_t i = 0; i < experiment.plugins.size(); ++i) {
    try {
      host.load(experiment.plugins[i]);
    } catch (const PluginError& error) {
      const auto where = written == nullptr ? Location()
                         : is_list          ? written->items().at(i).where()
                                            : written->where();
      errors.add(ConfigError(where, fmt::format("plugins: {}", error.what())));
    }
  }
  errors.raise();
}

void require_kind(const std::string& kind) {
  const auto& kinds = component_kinds();
  if (std::ranges::find(kinds, kind) == kinds.end())
    throw ConfigError(
        fmt::format("'{}' is no kind of component. {}", kind, suggestion(kind, kinds)));
}

results::ResultPaths paths_of(const NamedOptions& options) {
  namespace fs = std::filesystem;
  fs::path path = options.name;
  if (!path.has_filename()) path = path.parent_path();  // "results/NAME/"
  const auto ending = path.extension();
  std::error_code absent;
  if (ending == ".h5" && fs::is_regular_file(path, absent)) path = fs::absolute(path);
  if (ending == ".yaml" || ending == ".yml")
    throw ConfigError(
        fmt::format("'{}' is an experiment file; expected the name of the experiment, "
                    "or its results file: results/{}.h5",
                    options.name, path.stem().string()));
  if (path.has_parent_path() && options.results != NamedOptions().results)
    throw ConfigError(fmt::format(
        "'{}' is a path, so that there is no folder to be named by --results", options.name));
  const auto name = (ending == ".h5" ? path.stem() : path.filename()).string();
  experiment::check_experiment_name(Value::text(name), "the name of the results");
  return {path.has_parent_path() ? path.parent_path().string() : options.results, name};
}

results::ExperimentInfo experiment_info(const LoadedExperiment& loaded, const Workspace& workspace,
                                        const training::Environment& environment) {
  results::ExperimentInfo info;
  info.name = loaded.experiment.name;
  info.yaml = experiment::write_yaml(loaded.experiment.tree);
  info.created = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  info.host = environment.host;
  info.versions = results::versions_text(environment.versions);
  std::vector<results::PluginVersion> plugins;
  for (const auto& plugin : workspace.host.loaded())
    plugins.push_back({plugin->name, plugin->version, library_digest(plugin->file)});
  info.plugins = results::plugins_text(plugins);
  return info;
}

LoadedExperiment load_experiment(Workspace& workspace, const ExperimentOptions& options) {
  auto overrides = options.overrides;
  std::optional<StoredTrial> stored;
  if (!options.from.empty()) stored = read_stored_trial(options.from, options.trial);
  if (!options.name.empty())
    overrides.push_back("name=" + options.name);
  else if (stored)
    overrides.push_back("name=" + stored->experiment + "_" + stored->id);
  LoadedExperiment loaded;
  ErrorList errors;
  loaded.experiment = stored ? experiment_of(*stored, overrides)
                             : experiment::read_experiment(options.file, overrides, &errors);
  load_plugins(loaded.experiment, workspace.host);
  if (!errors.is_empty()) {
    const auto no_digest = [](const Value&) { return std::string(); };
    errors.collect(
        [&] { experiment::make_plan(loaded.experiment, workspace.registry, no_digest); });
    errors.raise();
  }
  loaded.paths = {options.results, loaded.experiment.name};
  loaded.search = experiment::load_search(loaded.experiment.tree);
  loaded.published = experiment::load_published(loaded.experiment.tree);
  const auto make_plan =
      [&workspace, experiment = loaded.experiment](const experiment::ProposedPoints& points) {
        return experiment::make_plan(
            experiment, workspace.registry,
            [&](const Value& data) { return workspace.data.digest(data); }, points);
      };
  experiment::ProposedPoints points;
  if (loaded.search && loaded.search->tpe()) {
    const auto* sweep = loaded.experiment.tree.find("sweep");
    const Value axes = sweep != nullptr ? *sweep : Value();
    const auto& random = experiment::searched_random(axes, *loaded.search);
    const auto seed = loaded.experiment.seed;
    points = sweep::points_of(sweep::ProposalFile(loaded.paths.proposals(), random, seed).read());
    loaded.growth = sweep::Growth{random, seed, make_plan};
  }
  loaded.plan = make_plan(points);
  if (stored && options.overrides.empty()) require_trial(loaded.plan, *stored);
  return loaded;
}

}  // namespace varia::cli
