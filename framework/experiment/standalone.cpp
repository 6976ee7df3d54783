#include "experiment/standalone.hpp"

#include <filesystem>
#include <set>

#include "experiment/sections.hpp"

namespace varia::experiment {
namespace {

namespace fs = std::filesystem;

/// The folders of the files in which the scalars of a value stand. The command line is none.
void add_folders(const Value& value, std::set<fs::path>& folders) {
  if (value.is_scalar() && value.where().line > 0)
    folders.insert(fs::path(value.where().file).parent_path());
  for (const Value& item : value.items()) add_folders(item, folders);
  for (const auto& entry : value.entries()) add_folders(entry.value, folders);
}

std::string absolute_text(const fs::path& path) {
  return fs::absolute(path.empty() ? "." : path).lexically_normal().string();
}

/// Where the relative paths of the sections with components start: one folder, or a map where they
/// differ.
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
