#include "experiment/trial.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "experiment/yaml/yaml_writer.hpp"

namespace varia::experiment {
namespace {

bool contains(const std::vector<std::string>& keys, const std::string& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

bool is_swept(const std::vector<std::string>& swept, const std::string& key) {
  return std::any_of(swept.begin(), swept.end(), [&](const std::string& axis) {
    return key == axis ||
           (key.size() > axis.size() && key.compare(0, axis.size() + 1, axis + ".") == 0);
  });
}

void append_settings(const std::string& key, const Value& value,
                     const std::vector<std::string>& swept, std::vector<Setting>& settings) {
  if (value.is_null()) return;
  const bool is_swept_here = is_swept(swept, key);
  if (value.is_scalar()) {
    settings.push_back({key, value, is_swept_here});
    return;
  }
  if (value.is_list() || value.entries().empty() || contains(swept, key))
    settings.push_back({key, Value::text(flow_text(value)), is_swept_here});
  for (const auto& entry : value.entries())
    append_settings(key + "." + entry.key, entry.value, swept, settings);
}

Value list_value(const std::vector<ListEntry>& entries) {
  std::vector<Value> items;
  for (const ListEntry& entry : entries) items.push_back(entry_value(entry));
  return Value::list(std::move(items));
}

}  // namespace

std::vector<Setting> Trial::parameters() const {
  std::vector<Setting> settings;
  const std::vector<std::pair<std::string, const Value*>> sections{{"data", data.get()},
                                                                   {"model", model.get()},
                                                                   {"loss", loss.get()},
                                                                   {"optimizer", optimizer.get()},
                                                                   {"train", train.get()}};
  for (const auto& [key, section] : sections) append_settings(key, *section, plan->swept, settings);
  for (const Label& label : labels)
    settings.push_back({label.axis, Value::text(label.variant), true});
  return settings;
}

std::string Trial::yaml() const {
  Value tree = Value::map({});
  tree.set("name", Value::text(plan->name));
  tree.set("seed", Value::integer(plan->seed));
  tree.set("trial_seed", Value::integer(seed));
  if (!plan->plugins.empty()) {
    std::vector<Value> plugins;
    // The file may come to lie in another folder.
    for (const std::string& path : plan->plugins)
      plugins.push_back(Value::text(std::filesystem::absolute(path).lexically_normal().string()));
    tree.set("plugins", Value::list(std::move(plugins)));
  }
  tree.set("data", *data);
  tree.set("model", *model);
  tree.set("loss", *loss);
  tree.set("optimizer", *optimizer);
  tree.set("train", *train);
  tree.set("metrics", list_value(*metrics));
  tree.set("views", list_value(*views));
  return write_yaml(tree);
}

std::int64_t replicate_seed(std::int64_t seed, std::int64_t replicate) {
  const std::array<std::int64_t, 2> key{seed, replicate};
  return static_cast<std::int64_t>(XXH64(key.data(), sizeof key, 0) >> 1);
}

}  // namespace varia::experiment
