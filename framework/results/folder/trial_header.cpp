#include "results/folder/trial_header.hpp"

#include <filesystem>
#include <optional>
#include <set>
#include <utility>

#include "varia/sha256.hpp"

namespace varia::results {

namespace {

using Plugins = std::set<PluginVersion>;

/// Adds the plugins behind the components that a value names, at any depth.
/// @param kind of the component that a map with `use` stands for; empty: not known
void add_plugins(const Registry& registry, const std::string& kind, const Value& value,
                 Plugins& plugins) {
  for (const auto& item : value.items()) add_plugins(registry, "", item, plugins);
  if (!value.is_map()) return;
  if (const auto* use = value.find("use")) {
    // A nested component's kind is not written down, so all that have the name count.
    for (const auto& one : component_kinds()) {
      const auto* info = kind.empty() || kind == one ? registry.find(one, use->text()) : nullptr;
      if (info == nullptr) continue;
      const bool is_file = std::filesystem::path(info->file).is_absolute();
      plugins.insert({info->plugin, info->version, is_file ? library_digest(info->file) : "-"});
    }
  }
  for (const auto& entry : value.entries()) add_plugins(registry, "", entry.value, plugins);
}

}  // namespace

std::vector<PluginVersion> plugins_of(const experiment::Trial& trial, const Registry& registry) {
  Plugins plugins;
  for (const auto& section : experiment::kComponentSections)
    add_plugins(registry, section.kind, *(trial.*section.value), plugins);
  return {plugins.begin(), plugins.end()};
}

std::string request_digest(const experiment::Trial& trial) {
  auto request = Value::map();
  for (const auto& section : experiment::kEntrySections) {
    auto list = Value::list();
    for (const auto& entry : *(trial.*section.value)) list.push(experiment::entry_value(entry));
    request.set(section.key, std::move(list));
  }
  request.set("record_every", trial.train->record_every.resolved());
  return digest_of_text(request.canonical());
}

std::vector<Parameter> parameters_of(const experiment::Trial& trial) {
  std::vector<Parameter> parameters;
  for (const auto& setting : trial.parameters()) {
    const auto number = setting.value.quoted() ? std::nullopt : setting.value.as_real();
    if (number)
      parameters.push_back({setting.key, *number, setting.swept});
    else
      parameters.push_back({setting.key, setting.value.text(), setting.swept});
  }
  return parameters;
}

TrialHeader header_of(const experiment::Trial& trial, const Registry& registry,
                      const Environment& environment, std::int64_t records, std::uint64_t token) {
  TrialHeader header;
  header.id = trial.id;
  header.experiment = trial.plan->name;
  header.seed = static_cast<std::uint64_t>(trial.seed);
  header.replicate = trial.replicate;
  header.host = environment.host;
  header.cpu = environment.cpu;
  header.versions = environment.versions;
  header.config = trial.yaml();
  header.target_epochs = records;
  header.plugins = plugins_of(trial, registry);
  header.request = request_digest(trial);
  header.keep = trial.train->keep();
  header.tags = trial.tags;
  header.notes = trial.notes;
  header.token = token;
  header.parameters = parameters_of(trial);
  return header;
}

std::string fingerprint_of(const experiment::Trial& trial, const Registry& registry,
                           const TrialHeader& header) {
  Plugins measuring;
  for (const auto& section : experiment::kEntrySections)
    for (const auto& entry : *(trial.*section.value))
      add_plugins(registry, section.kind, experiment::entry_value(entry), measuring);
  auto all = Value::map();
  all.set("trial", Value::text(header.id));
  all.set("config", Value::text(header.config));
  all.set("records", Value::integer(header.target_epochs));
  all.set("versions", Value::text(versions_text(header.versions)));
  all.set("plugins", Value::text(plugins_text(header.plugins)));
  all.set("measuring_plugins", Value::text(plugins_text({measuring.begin(), measuring.end()})));
  return digest_of_text(all.canonical());
}

}  // namespace varia::results
