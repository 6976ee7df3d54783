#include "results/folder/trial_header.hpp"

#include <filesystem>
#include <optional>
#include <set>
#include <utility>

#include "varia/sha256.hpp"

namespace varia::results {

namespace {

std::string digest_of_text(const std::string& text) {
  Sha256 hash;
  hash.update(text);
  return hash.digest();
}

/// The plugins behind the components that were named.
class PluginsInUse {
 public:
  explicit PluginsInUse(const Registry& registry) : registry_(registry) {}

  /// @param kind of the component that a map with `use` stands for; empty: not known
  void add(const std::string& kind, const Value& value) {
    for (const auto& item : value.items()) add("", item);
    if (!value.is_map()) return;
    if (const auto* use = value.find("use")) {
      // A nested component's kind is not written down, so all that have the name count.
      for (const auto& one : component_kinds())
        if (kind.empty() || kind == one) add_component(one, use->text());
    }
    for (const auto& entry : value.entries()) add("", entry.value);
  }

  std::vector<PluginVersion> sorted() const { return {plugins_.begin(), plugins_.end()}; }

 private:
  void add_component(const std::string& kind, const std::string& use) {
    const auto* info = registry_.find(kind, use);
    if (info == nullptr) return;
    const bool is_file = std::filesystem::path(info->file).is_absolute();
    plugins_.insert({info->plugin, info->version, is_file ? library_digest(info->file) : "-"});
  }

  const Registry& registry_;
  std::set<PluginVersion> plugins_;
};

}  // namespace

std::vector<PluginVersion> plugins_of(const experiment::Trial& trial, const Registry& registry) {
  PluginsInUse plugins(registry);
  for (const auto& section : experiment::kComponentSections)
    plugins.add(section.kind, *(trial.*section.value));
  return plugins.sorted();
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

TrialHeader header_of(const experiment::Trial& trial, const Registry& registry,
                      const Environment& environment, std::int64_t records, std::uint64_t token) {
  TrialHeader header;
  header.id = trial.id;
  header.experiment = trial.plan->name;
  header.seed = static_cast<std::uint64_t>(trial.seed);
  header.replicate = trial.replicate;
  header.host = environment.host;
  header.cpu = environment.cpu;
  header.versions = versions_text(environment.versions);
  header.config = trial.yaml();
  header.target_epochs = records;
  header.plugins = plugins_text(plugins_of(trial, registry));
  header.request = request_digest(trial);
  header.tags = trial.tags;
  header.notes = trial.notes;
  header.token = token;
  for (const auto& setting : trial.parameters()) {
    const auto number = setting.value.quoted() ? std::nullopt : setting.value.as_real();
    if (number)
      header.parameters.push_back({setting.key, *number, setting.swept});
    else
      header.parameters.push_back({setting.key, setting.value.text(), setting.swept});
  }
  return header;
}

std::string fingerprint_of(const experiment::Trial& trial, const Registry& registry,
                           const TrialHeader& header) {
  PluginsInUse measuring(registry);
  for (const auto& section : experiment::kEntrySections)
    for (const auto& entry : *(trial.*section.value))
      measuring.add(section.kind, experiment::entry_value(entry));
  auto all = Value::map();
  all.set("trial", Value::text(header.id));
  all.set("config", Value::text(header.config));
  all.set("records", Value::integer(header.target_epochs));
  all.set("versions", Value::text(header.versions));
  all.set("plugins", Value::text(header.plugins));
  all.set("measuring_plugins", Value::text(plugins_text(measuring.sorted())));
  return digest_of_text(all.canonical());
}

}  // namespace varia::results
