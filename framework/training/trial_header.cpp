#include "training/trial_header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "varia/sha256.hpp"

namespace varia::training {

namespace {

/// 0 where there is none.
std::int64_t integer_of(const Value& section, const char* key) {
  const auto* value = section.find(key);
  return value == nullptr ? std::int64_t{0} : value->as_integer().value_or(0);
}

std::string digest_of_text(const std::string& text) {
  Sha256 hash;
  hash.update(text);
  return hash.digest();
}

/// The plugins behind what was named, each as one line.
class PluginLines {
 public:
  explicit PluginLines(const Registry& registry) : registry_(registry) {}

  void add(const std::string& kind, const std::string& use) {
    const auto* info = registry_.find(kind, use);
    if (info == nullptr) return;
    const bool is_file = std::filesystem::path(info->file).is_absolute();
    lines_.insert(fmt::format("{} {} {}", info->plugin, info->version,
                              is_file ? library_digest(info->file) : "-"));
  }

  /// @param kind of the component that a map with `use` stands for; empty where it is not known
  void add(const std::string& kind, const Value& value) {
    for (const auto& item : value.items()) add("", item);
    if (!value.is_map()) return;
    if (const auto* use = value.find("use")) {
      // A nested component's kind is not written down, so all that have the name count.
      for (const auto& one : component_kinds())
        if (kind.empty() || kind == one) add(one, use->text());
    }
    for (const auto& entry : value.entries()) add("", entry.value);
  }

  std::string text() const {
    std::string text;
    for (const auto& line : lines_) text += line + "\n";
    return text;
  }

 private:
  const Registry& registry_;
  std::set<std::string> lines_;
};

Value list_of(const std::vector<experiment::ListEntry>& entries) {
  auto list = Value::list();
  for (const auto& entry : entries) list.push(experiment::entry_value(entry));
  return list;
}

}  // namespace

std::int64_t record_count(const Value& train) {
  const auto epochs = integer_of(train, "epochs");
  if (epochs > 0) return epochs;
  const auto every = std::max<std::int64_t>(1, integer_of(train, "evaluate_every"));
  return (integer_of(train, "steps") + every - 1) / every;
}

std::string plugins_of(const experiment::Trial& trial, const Registry& registry) {
  PluginLines plugins(registry);
  plugins.add("dataset", *trial.data);
  plugins.add("model", *trial.model);
  plugins.add("loss", *trial.loss);
  plugins.add("optimizer", *trial.optimizer);
  return plugins.text();
}

std::string request_digest(const experiment::Trial& trial) {
  auto measures = Value::map();
  measures.set("metrics", list_of(*trial.metrics));
  measures.set("views", list_of(*trial.views));
  measures.set("record_every", Value::integer(integer_of(*trial.train, "record_every")));
  return digest_of_text(measures.canonical());
}

results::TrialHeader header_of(const experiment::Trial& trial, const Registry& registry,
                               const Environment& environment, std::int64_t records,
                               std::uint64_t token) {
  results::TrialHeader header;
  header.id = trial.id;
  header.experiment = trial.plan->name;
  header.seed = static_cast<std::uint64_t>(trial.seed);
  header.replicate = trial.replicate;
  header.host = environment.host;
  header.cpu = environment.cpu;
  header.versions = environment.versions();
  header.config = trial.yaml();
  header.target_epochs = records;
  header.plugins = plugins_of(trial, registry);
  header.request = request_digest(trial);
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
                           const results::TrialHeader& header) {
  PluginLines measures(registry);
  for (const auto& entry : *trial.metrics) measures.add("metric", experiment::entry_value(entry));
  for (const auto& entry : *trial.views) measures.add("view", experiment::entry_value(entry));
  auto all = Value::map();
  all.set("trial", Value::text(header.id));
  all.set("config", Value::text(header.config));
  all.set("records", Value::integer(header.target_epochs));
  all.set("versions", Value::text(header.versions));
  all.set("plugins", Value::text(header.plugins));
  all.set("measuring_plugins", Value::text(measures.text()));
  return digest_of_text(all.canonical());
}

}  // namespace varia::training
