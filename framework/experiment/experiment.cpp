#include "experiment/experiment.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <set>

#include "experiment/params/cluster_params.hpp"
#include "experiment/params/experiment_params.hpp"
#include "experiment/params/published_params.hpp"
#include "experiment/params/run_params.hpp"
#include "experiment/params/search_params.hpp"
#include "experiment/sections.hpp"
#include "experiment/yaml/layers.hpp"
#include "experiment/yaml/yaml_reader.hpp"

namespace varia::experiment {

namespace fs = std::filesystem;

namespace {

/// The rules of keys that stand beside the sections. Lists may be empty as null.
void read_own_keys(const Value& tree, ExperimentParams& params) {
  Value own(tree.where());
  for (const Parameter* parameter : params.parameters()) {
    const Value* value = tree.find(parameter->name());
    if (value == nullptr || parameter == &params.name) continue;  // it has rules of its own
    const bool is_empty_list = value->is_null() && parameter == &params.plugins;
    if (!is_empty_list) own.set(parameter->name(), *value, value->where());
  }
  params.load(own, {nullptr, "", tree.where()});
}

Experiment make_experiment(Value tree, const std::string& path,
                           const std::vector<std::string>& overrides, ErrorList* later) {
  Experiment experiment;
  experiment.tree = resolve_extends(std::move(tree), path);
  const Value& all = experiment.tree;
  ErrorList errors;
  auto known = experiment_keys();
  known.emplace_back("relative_to");  // it has been obeyed
  errors.collect([&] { check_keys(all, known, "a key of an experiment"); });
  errors.collect([&] { experiment.overrides = apply_overrides(experiment.tree, overrides); });

  Value name = Value::scalar(fs::path(path).stem().string(), true, Location{path});
  std::string subject = "name (that of the file, as the experiment gives none)";
  if (const Value* given = all.find("name")) {
    name = *given;
    subject = "name";
  }
  errors.collect([&] { check_experiment_name(name, subject); });
  experiment.name = name.text();

  ExperimentParams params;
  errors.collect([&] {
    read_own_keys(all, params);
    experiment.seed = params.seed();
    experiment.replicates = params.replicates();
    if (params.trial_seed.has_value()) experiment.trial_seed = params.trial_seed();
    experiment.plugins = params.plugins();
  });
  if (const Value* tags = all.find("tags")) errors.collect([&] { read_tags(*tags); });
  if (const Value* notes = all.find("notes")) errors.collect([&] { read_notes(*notes); });
  // What is wrong in these is found by every command.
  ClusterParams cluster;
  RunParams run;
  errors.collect([&] { load_section(all, "cluster", cluster); });
  errors.collect([&] { load_section(all, "run", run); });
  errors.collect([&] { load_search(all); });
  errors.collect([&] { load_published(all); });
  if (later != nullptr)
    later->collect([&] { errors.raise(); });
  else
    errors.raise();
  return experiment;
}

}  // namespace

Experiment read_experiment(const std::string& path, const std::vector<std::string>& overrides,
                           ErrorList* errors) {
  return make_experiment(read_yaml_file(path), path, overrides, errors);
}

Experiment read_experiment_text(const std::string& text, const std::string& source,
                                const std::vector<std::string>& overrides) {
  return make_experiment(read_yaml_text(text, source), source, overrides, nullptr);
}

namespace {

/// The folders of the files that the scalars of a value were written in; the command line has none.
void add_folders(const Value& value, std::set<fs::path>& folders) {
  if (value.is_scalar() && value.where().line > 0)
    folders.insert(fs::path(value.where().file).parent_path());
  for (const Value& item : value.items()) add_folders(item, folders);
  for (const auto& entry : value.entries()) add_folders(entry.value, folders);
}

std::string absolute_text(const fs::path& path) {
  return fs::absolute(path.empty() ? "." : path).lexically_normal().string();
}

/// The folder where the relative paths of the sections with components start, or a map of folders
/// if they differ.
Value starts_of_paths(const Value& tree) {
  const auto own = absolute_text(fs::path(tree.where().file).parent_path());
  Value starts = Value::map();
  std::set<std::string> all;
  auto keys = sections_with_components();
  keys.emplace_back("sweep");
  for (const auto& key : keys) {
    std::set<fs::path> folders;
    if (const Value* section = tree.find(key)) add_folders(*section, folders);
    if (folders.empty()) continue;
    const auto start = folders.size() == 1 ? absolute_text(*folders.begin()) : own;
    starts.set(key, Value::text(start));
    all.insert(start);
  }
  if (all.size() > 1) return starts;
  return Value::text(all.empty() ? own : *all.begin());
}

}  // namespace

Value standalone(const Experiment& experiment) {
  Value tree = experiment.tree;
  tree.set("relative_to", starts_of_paths(experiment.tree));
  tree.set("name", Value::text(experiment.name));
  if (!experiment.plugins.empty()) {
    std::vector<Value> plugins;
    for (const std::string& path : experiment.plugins)
      plugins.push_back(Value::text(absolute_text(path)));
    tree.set("plugins", Value::list(std::move(plugins)));
  }
  return tree;
}

}  // namespace varia::experiment
