#include "cli/trained/trained_trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "cli/guarded_reading.hpp"
#include "results/folder/result_paths.hpp"
#include "results/folder/trial_header.hpp"
#include "results/tensors.hpp"
#include "training/environment.hpp"
#include "varia/error.hpp"

namespace varia::cli {

namespace {

namespace fs = std::filesystem;

/// @throws ConfigError where a plugin that trained the trial is not loaded
void require_plugins(const StoredTrial& stored, const Workspace& workspace) {
  std::set<std::string> loaded;
  for (const auto& plugin : workspace.host.loaded()) loaded.insert(plugin->name);
  for (const auto& [name, version, digest] : results::plugins_from_text(stored.plugins)) {
    if (loaded.contains(name)) continue;
    std::string failures;
    for (const auto& failure : workspace.host.failures()) failures += "\n" + failure;
    throw ConfigError(
        fmt::format("{}: its plugin {} is not here. Expected it in `plugins` of the "
                    "experiment, in a folder of VARIA_PLUGIN_PATH, or beside the "
                    "program{}",
                    stored.place(), name, failures));
  }
}

/// @throws ConfigError where a plugin is another build than the one that trained the trial
void require_builds(const StoredTrial& stored, const std::vector<results::PluginVersion>& now) {
  for (const auto& plugin : results::plugins_from_text(stored.plugins)) {
    if (std::ranges::find(now, plugin) != now.end()) continue;
    throw ConfigError(
        fmt::format("{}: its plugin {} is not the build that trained it, so that its "
                    "parameters may mean something else. --other-plugins goes on",
                    stored.place(), plugin.name));
  }
}

fs::path parameters_of(const StoredTrial& stored, const TrainedOptions& options,
                       const experiment::Trial& trial) {
  if (!options.parameters.empty()) return options.parameters;
  const auto file = results::paths_of_merged(stored.file).parameters(stored.id);
  std::error_code absent;
  if (fs::exists(file, absent)) return file;
  const bool kept = trial.train->keeps_parameters();
  throw ConfigError(fmt::format(
      "{}: {}. varia run --from {} --trial {}{} trains it again", stored.place(),
      kept ? fmt::format("its parameters are not in {}; --parameters names another file",
                         file.string())
           : std::string("its parameters were not kept (train.keep: none)"),
      stored.file, stored.id, kept ? "" : " train.keep=last"));
}

}  // namespace

TrainedTrial::TrainedTrial(const TrainedOptions& options, const std::vector<std::string>& overrides)
    : stored_(read_stored_trial(options.file, options.trial)) {
  const auto experiment = experiment_of(stored_, overrides);
  load_plugins(experiment, workspace_.host);
  require_plugins(stored_, workspace_);
  plan_ = experiment::make_plan(experiment, workspace_.registry,
                                [&](const Value& data) { return workspace_.data.digest(data); });
  require_trial(plan_, stored_);
  const auto& trial = plan_.trials.front();
  if (!options.other_plugins)
    require_builds(stored_, results::plugins_of(trial, workspace_.registry));
  parameters_ = parameters_of(stored_, options, trial).string();
  // A damaged file ends that process, and not this one.
  const auto read = [](const std::string& file) { results::load_tensors(file); };
  try_guarded(
      {parameters_}, [&] { read(parameters_); }, read);
  training::set_threads(static_cast<int>(trial.train->threads()));
  model_ = std::make_unique<training::TrainedModel>(trial, workspace_.registry, workspace_.data,
                                                    parameters_);
}

training::NewData TrainedTrial::new_data(const Value& section) {
  return {section, *trial().data, model_->components(), workspace_.registry, workspace_.data};
}

results::CodeFile TrainedTrial::new_file(const std::string& path, const std::string& format) const {
  results::TrialInfo info;
  info.id = stored_.id;
  info.experiment = stored_.experiment;
  info.epochs_done = model_->epoch();
  return {path, stored_.file, info, format};
}

}  // namespace varia::cli
