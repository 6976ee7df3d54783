#include "sweep/trial_state.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "experiment/yaml_reader.hpp"
#include "store/trial_reader.hpp"
#include "store/version.hpp"

namespace varia::sweep {

const char* state_name(TrialState state) {
  switch (state) {
    case TrialState::fresh:
      return "new";
    case TrialState::done:
      return "done";
    case TrialState::partial:
      return "partial";
    case TrialState::failed:
      return "failed";
  }
  return "";
}

namespace {

/// 0 where there is none.
std::int64_t integer_of(const Value& section, const char* key) {
  const auto* value = section.find(key);
  return value == nullptr ? std::int64_t{0} : value->as_integer().value_or(0);
}

}  // namespace

std::int64_t record_count(const Value& train) {
  const auto epochs = integer_of(train, "epochs");
  if (epochs > 0) return epochs;
  const auto every = std::max<std::int64_t>(1, integer_of(train, "evaluate_every"));
  return (integer_of(train, "steps") + every - 1) / every;
}

namespace {

std::string name_of(const Value& entry) {
  const auto* name = entry.find("as");
  return (name != nullptr ? name : entry.find("use"))->text();
}

/// What an entry of `metrics` or `views` lacks in a file that was made with `made`; empty: nothing.
std::string lack(const std::string& kind, const experiment::ListEntry& entry, const Value& made) {
  const auto wanted = experiment::entry_value(entry).canonical();
  for (const auto& other : made.items()) {
    if (other.canonical() == wanted) return "";
    if (name_of(other) == entry.name)
      return fmt::format("{} {} was made with other parameters", kind, entry.name);
  }
  return fmt::format("lacks {} {}", kind, entry.name);
}

/// Everything but `finished_records`.
PlannedState compare(const experiment::Trial& trial, const store::TrialSummary& summary) {
  if (summary.status == store::Status::failed) return {TrialState::failed, summary.error, 0};
  const auto wanted = record_count(*trial.train);
  if (summary.status == store::Status::partial || summary.epochs_done < wanted)
    return {TrialState::partial, fmt::format("has {} of {} epochs", summary.epochs_done, wanted),
            0};

  const auto made = experiment::read_yaml_text(summary.header.config, "its resolved experiment");
  const auto every = integer_of(*trial.train, "record_every");
  if (every != 0 && every != integer_of(*made.find("train"), "record_every"))
    return {TrialState::partial, fmt::format("lacks records of every {} steps", every), 0};
  for (const auto& entry : *trial.metrics)
    if (auto reason = lack("metric", entry, *made.find("metrics")); !reason.empty())
      return {TrialState::partial, std::move(reason), 0};
  for (const auto& entry : *trial.views)
    if (auto reason = lack("view", entry, *made.find("views")); !reason.empty())
      return {TrialState::partial, std::move(reason), 0};
  return {TrialState::done, "", 0};
}

}  // namespace

PlannedState state_of(const experiment::Trial& trial, const ResultPaths& paths) {
  const auto file = paths.trial(trial.id);
  if (!std::filesystem::exists(file)) return {};
  try {
    const auto summary = store::read_trial_summary(file.string());
    auto state = compare(trial, summary);
    if (summary.status == store::Status::done) state.finished_records = summary.epochs_done;
    return state;
  } catch (const store::VersionError&) {
    throw;
  } catch (const Error& error) {
    return {TrialState::fresh, fmt::format("its file is damaged ({})", error.what()), 0};
  }
}

}  // namespace varia::sweep
