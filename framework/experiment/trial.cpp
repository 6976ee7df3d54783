#include "experiment/trial.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "experiment/yaml/yaml_writer.hpp"

namespace varia::experiment {
namespace {

bool is_swept(const std::vector<std::string>& swept, const std::string& key) {
  return std::ranges::any_of(
      swept, [&](const std::string& axis) { return key == axis || key.starts_with(axis + "."); });
}

void append_settings(const std::string& key, const Value& value,
                     const std::vector<std::string>& swept, std::vector<Setting>& settings) {
  if (value.is_null()) return;
  const bool is_swept_here = is_swept(swept, key);
  if (value.is_scalar()) {
    settings.push_back({key, value, is_swept_here});
    return;
  }
  if (value.is_list() || value.entries().empty() || std::ranges::find(swept, key) != swept.end())
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
  for (const auto& section : kComponentSections)
    append_settings(section.key, *(this->*section.value), plan->swept, settings);
  append_settings("train", train->resolved(), plan->swept, settings);
  settings.insert(settings.end(), variants.begin(), variants.end());
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
  for (const auto& section : kComponentSections) tree.set(section.key, *(this->*section.value));
  tree.set("train", train->resolved());
  for (const auto& section : kEntrySections)
    tree.set(section.key, list_value(*(this->*section.value)));
  return write_yaml(tree);
}

std::string Trial::swept_text() const {
  std::string text;
  for (const auto& setting : parameters())
    if (setting.swept) text += (text.empty() ? "" : " ") + setting.key + "=" + setting.value.text();
  return text;
}

std::string Trial::label() const {
  const auto settings = swept_text();
  auto label = settings.empty() ? id : settings;
  if (plan->replicates > 1) label += " replicate " + std::to_string(replicate);
  return label;
}

std::int64_t replicate_seed(std::int64_t seed, std::int64_t replicate) {
  const std::array<std::int64_t, 2> key{seed, replicate};
  return static_cast<std::int64_t>(XXH64(key.data(), sizeof key, 0) >> 1);
}

}  // namespace varia::experiment
