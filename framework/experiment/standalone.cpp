#include "experiment/standalone.hpp"

#include <filesystem>
#include <set>

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

fs::path folder_of_data(const Value& tree) {
  std::set<fs::path> folders;
  if (const Value* data = tree.find("data")) add_folders(*data, folders);
  return folders.size() == 1 ? *folders.begin() : fs::path(tree.where().file).parent_path();
}

std::string absolute_text(const fs::path& path) {
  return fs::absolute(path.empty() ? "." : path).lexically_normal().string();
}

}  // namespace

Value standalone(const Experiment& experiment) {
  Value tree = experiment.tree;
  tree.set("name", Value::text(experiment.name));
  tree.set("relative_to", Value::text(absolute_text(folder_of_data(experiment.tree))));
  if (!experiment.plugins.empty()) {
    std::vector<Value> plugins;
    for (const std::string& path : experiment.plugins)
      plugins.push_back(Value::text(absolute_text(path)));
    tree.set("plugins", Value::list(std::move(plugins)));
  }
  return tree;
}

}  // namespace varia::experiment
