#include "experiment/experiment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>

#include "experiment/names.hpp"
#include "experiment/params/cluster_params.hpp"
#include "experiment/params/search_params.hpp"
#include "experiment/sections.hpp"
#include "experiment/trial.hpp"
#include "experiment/yaml/extends.hpp"
#include "experiment/yaml/overrides.hpp"
#include "experiment/yaml/yaml_reader.hpp"

namespace varia::experiment {
namespace {

constexpr std::int64_t kMaxReplicates = 1'000'000;

void check_keys(const Value& tree) {
  const auto& known = experiment_keys();
  for (const auto& entry : tree.entries()) {
    if (std::find(known.begin(), known.end(), entry.key) == known.end())
      throw ConfigError(entry.key_where, fmt::format("'{}' is not a key of an experiment. {}",
                                                     entry.key, suggestion(entry.key, known)));
  }
}

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
  check_keys(experiment.tree);
  experiment.overrides = apply_overrides(experiment.tree, overrides);
  const Value& all = experiment.tree;

  Value name = Value::scalar(std::filesystem::path(path).stem().string(), true, Location{path});
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
  ClusterParams cluster;
  load_cluster_params(all.find("cluster"), "cluster", cluster);
  load_search(all);  // what is wrong in it is found first
  return experiment;
}

}  // namespace

const std::vector<std::string>& trial_sections() {
  static const std::vector<std::string> keys = [] {
    auto all = sections_with_components();
    all.emplace_back("train");
    return all;
  }();
  return keys;
}

const std::vector<std::string>& sections_with_components() {
  static const std::vector<std::string> keys = [] {
    std::vector<std::string> all;
    for (const auto& section : kComponentSections) all.emplace_back(section.key);
    for (const auto& section : kEntrySections) all.emplace_back(section.key);
    return all;
  }();
  return keys;
}

bool is_entry_section(const std::string& key) {
  return std::ranges::any_of(kEntrySections,
                             [&](const EntrySection& section) { return key == section.key; });
}

const std::vector<std::string>& run_sections() {
  static const std::vector<std::string> keys{"run", "cluster", "search"};
  return keys;
}

const std::vector<std::string>& experiment_keys() {
  static const std::vector<std::string> keys = [] {
    std::vector<std::string> all{"name",    "extends", "seed",      "trial_seed",
                                 "plugins", "sweep",   "replicates"};
    all.insert(all.end(), trial_sections().begin(), trial_sections().end());
    all.insert(all.end(), run_sections().begin(), run_sections().end());
    return all;
  }();
  return keys;
}

Experiment read_experiment(const std::string& path, const std::vector<std::string>& overrides) {
  return make_experiment(read_yaml_file(path), path, overrides);
}

Experiment read_experiment_text(const std::string& text, const std::string& source,
                                const std::vector<std::string>& overrides) {
  return make_experiment(read_yaml_text(text, source), source, overrides);
}

}  // namespace varia::experiment
