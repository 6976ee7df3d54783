#include "results/trial_info.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

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

nlohmann::json trial_json(const TrialInfo& trial) {
  auto object = nlohmann::json::object();
  for_each_trial_field(
      [&](const auto& field) { object[field.name] = stored_field(trial.*field.member); });
  return object;
}

nlohmann::json number_json(double number) {
  return std::isfinite(number) ? nlohmann::json(number) : nlohmann::json();
}

}  // namespace varia::results
