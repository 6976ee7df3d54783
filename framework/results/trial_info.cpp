#include "results/trial_info.hpp"

#include <fmt/ranges.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "results/lists.hpp"

namespace varia::results {

std::string state_text(TrialState state) {
  switch (state) {
    case TrialState::fresh:
      return "new";
    case TrialState::partial:
      return "partial";
    case TrialState::done:
      return "done";
    case TrialState::failed:
      return "failed";
    case TrialState::stale:
      return "stale";
  }
  return "";
}

bool load_field(const std::string& stored, TrialState& value) {
  for (const TrialState state : {TrialState::partial, TrialState::done, TrialState::failed}) {
    if (stored != state_text(state)) continue;
    value = state;
    return true;
  }
  return false;
}

bool load_field(const std::string& stored, Versions& versions) {
  versions = versions_from_text(stored);
  return true;
}

bool load_field(const std::string& stored, std::vector<PluginVersion>& plugins) {
  plugins = plugins_from_text(stored);
  return true;
}

std::string stored_field(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, ","));
}

bool load_field(const std::string& stored, std::vector<std::string>& words) {
  words = split_at(stored, ',');
  return true;
}

std::string stored_field(const std::map<std::string, std::string>& notes) {
  if (notes.empty()) return "";
  return nlohmann::json(notes).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool load_field(const std::string& stored, std::map<std::string, std::string>& notes) {
  if (stored.empty()) return true;
  const auto read = nlohmann::json::parse(stored, nullptr, /*allow_exceptions=*/false);
  if (!read.is_object()) return false;
  for (const auto& [key, text] : read.items()) {
    if (!text.is_string()) return false;
    notes[key] = text.get<std::string>();
  }
  return true;
}

nlohmann::json trial_json(const TrialInfo& trial) {
  auto object = nlohmann::json::object();
  for_each_trial_field(
      [&](const auto& field) { object[field.name] = stored_field(trial.*field.member); });
  object["tags"] = trial.tags;
  object["notes"] = trial.notes;
  return object;
}

nlohmann::json trial_json_in_doubles(const TrialInfo& trial) {
  auto fields = trial_json(trial);
  for (auto& [name, value] : fields.items())
    if (value.is_number_unsigned()) value = value.dump();
  return fields;
}

nlohmann::json number_json(double number) {
  return std::isfinite(number) ? nlohmann::json(number) : nlohmann::json();
}

}  // namespace varia::results
