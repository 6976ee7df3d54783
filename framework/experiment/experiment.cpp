#include "experiment/experiment.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <limits>
#include <set>

#include "experiment/params/cluster_params.hpp"
#include "experiment/params/run_params.hpp"
#include "experiment/params/search_params.hpp"
#include "experiment/sections.hpp"
#include "experiment/yaml/layers.hpp"
#include "experiment/yaml/yaml_reader.hpp"

namespace varia::experiment {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kMaxReplicates = 1'000'000;

std::int64_t read_integer(const Value& value, const std::string& key, std::int64_t min,
                          std::int64_t max) {
  const auto number = value.as_integer();
  if (!number || *number < min || *number > max)
    throw ConfigError(value.where(),
                      fmt::format("{}: expected a whole number in [{}, {}], found {}", key, min,
                                  max, value.describe()));
  return *number;
}

std::vector<std::string> read_plugins(const Value& list) {
  std::vector<std::string> plugins;
  if (!list.is_list() && !list.is_null())
    throw ConfigError(list.where(), "plugins: expected a list of paths, found " + list.describe());
  for (const Value& path : list.items()) {
    if (!path.is_scalar() || path.text().empty())
      throw ConfigError(path.where(), "plugins: expected a path, found " + path.describe());
    plugins.push_back(path.text());
  }
  return plugins;
}

Experiment make_experiment(Value tree, const std::string& path,
                           const std::vector<std::string>& overrides) {
  constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
  Experiment experiment;
  experiment.tree = resolve_extends(std::move(tree), path);
  check_keys(experiment.tree, experiment_keys(), "a key of an experiment");
  experiment.overrides = apply_overrides(experiment.tree, overrides);
  const Value& all = experiment.tree;

  Value name = Value::scalar(fs::path(path).stem().string(), true, Location{path});
  std::string subject = "name (that of the file, as the experiment gives none)";
  if (const Value* given = all.find("name")) {
    name = *given;
    subject = "name";
  }
  check_experiment_name(name, subject);
  experiment.name = name.text();

  if (const Value* seed = all.find("seed"))
    experiment.seed = read_integer(*seed, "seed", 0, largest);
  if (const Value* replicates = all.find("replicates"))
    experiment.replicates = read_integer(*replicates, "replicates", 1, kMaxReplicates);
  if (const Value* seed = all.find("trial_seed")) {
    experiment.trial_seed = read_integer(*seed, "trial_seed", 0, largest);
    if (experiment.replicates != 1)
      throw ConfigError(all.find("replicates")->where(),
                        "replicates: with 'trial_seed' all would be the same; remove one of them");
  }
  if (const Value* plugins = all.find("plugins")) experiment.plugins = read_plugins(*plugins);
  if (const Value* tags = all.find("tags")) read_tags(*tags);
  if (const Value* notes = all.find("notes")) read_notes(*notes);
  // What is wrong in these is found by every command.
  ClusterParams cluster;
  load_section(all, "cluster", cluster);
  RunParams run;
  load_section(all, "run", run);
  load_search(all);
  return experiment;
}

}  // namespace

Experiment read_experiment(const std::string& path, const std::vector<std::string>& overrides) {
  return make_experiment(read_yaml_file(path), path, overrides);
}

Experiment read_experiment_text(const std::string& text, const std::string& source,
                                const std::vector<std::string>& overrides) {
  return make_experiment(read_yaml_text(text, source), source, overrides);
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
