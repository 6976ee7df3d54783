#include "results/folder/trial_state.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "experiment/yaml/yaml_reader.hpp"
#include "files/lease.hpp"
#include "results/folder/trial_header.hpp"
#include "results/version.hpp"
#include "varia/error.hpp"

namespace varia::sweep {

namespace fs = std::filesystem;

namespace {

/// 0 where there is none.
std::int64_t integer_of(const Value& section, const char* key) {
  const auto* value = section.find(key);
  return value == nullptr ? std::int64_t{0} : value->as_integer().value_or(0);
}

std::string name_of(const Value& entry) {
  const auto* name = entry.find("as");
  return (name != nullptr ? name : entry.find("use"))->text();
}

/// What an entry of `metrics` or `views` lacks in a file that was made with `made`; empty: nothing.
std::string lack_of(const std::string& kind, const experiment::ListEntry& entry,
                    const Value& made) {
  const auto wanted = experiment::entry_value(entry).canonical();
  for (const auto& other : made.items()) {
    if (other.canonical() == wanted) return "";
    if (name_of(other) == entry.name)
      return fmt::format("{} {} was made with other parameters", kind, entry.name);
  }
  return fmt::format("lacks {} {}", kind, entry.name);
}

/// What the trial asks for and a file lacks that was made by `config`.
std::string lack_of(const experiment::Trial& trial, const std::string& config) {
  const auto made = experiment::read_yaml_text(config, "its resolved experiment");
  const auto every = trial.train->record_every();
  if (every != 0 && every != integer_of(*made.find("train"), "record_every"))
    return fmt::format("lacks records of every {} steps", every);
  for (const auto& entry : *trial.metrics)
    if (auto reason = lack_of("metric", entry, *made.find("metrics")); !reason.empty())
      return reason;
  for (const auto& entry : *trial.views)
    if (auto reason = lack_of("view", entry, *made.find("views")); !reason.empty()) return reason;
  return "";
}

std::string epochs_text(std::int64_t done, std::int64_t wanted) {
  return fmt::format("has {} of {} epochs", done, wanted);
}

}  // namespace

TrialStates::TrialStates(ResultPaths paths, const Registry& registry,
                         const training::Environment& environment)
    : paths_(std::move(paths)),
      registry_(registry),
      versions_(environment.versions),
      runs_(paths_.runs()) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(paths_.checkpoints(), ignored))
    under_way_.insert(entry.path().filename().string());
}

TrialStates::~TrialStates() = default;

PlannedState TrialStates::of(const experiment::Trial& trial) {
  const auto file = paths_.trial(trial.id);
  std::error_code ignored;
  auto state = fs::exists(file, ignored) ? published(trial, file.string()) : packed(trial);
  if (state.state != TrialState::done && under_way_.count(trial.id) > 0) add_progress(trial, state);
  return state;
}

PlannedState TrialStates::published(const experiment::Trial& trial, const std::string& file) {
  try {
    return compare(trial, results::read_trial_info(file), file);
  } catch (const results::VersionError&) {
    throw;
  } catch (const Error& error) {
    PlannedState state;
    state.reason = fmt::format("its file is damaged ({})", error.what());
    return state;
  }
}

PlannedState TrialStates::packed(const experiment::Trial& trial) {
  const auto row = merged().find(trial.id);
  // What failed has a file of its own: packing leaves it, and a row alone is no reason to stop.
  if (row == merged().end() || row->second.status != results::TrialState::done) return {};
  auto state = compare(trial, row->second, "");
  state.packed = true;
  return state;
}

PlannedState TrialStates::compare(const experiment::Trial& trial, const results::TrialInfo& made,
                                  const std::string& file) {
  PlannedState state;
  state.token = made.token;
  state.cpu = made.cpu;
  state.seconds = made.total_seconds;
  if (made.status == results::TrialState::done) state.finished_records = made.epochs_done;
  const auto wanted = trial.train->record_count();
  if (made.status == results::TrialState::failed) {
    state.state = TrialState::failed;
    state.reason = made.error;
  } else if (made.status == results::TrialState::partial || made.epochs_done < wanted) {
    state.state = TrialState::partial;
    state.reason = epochs_text(made.epochs_done, wanted);
  } else if (auto missing = lack(trial, made, file); !missing.empty()) {
    state.state = TrialState::partial;
    state.reason = std::move(missing);
  } else if (auto changed = change(trial, made); !changed.empty()) {
    state.state = TrialState::stale;
    state.reason = std::move(changed);
  } else {
    state.state = TrialState::done;
  }
  return state;
}

std::string TrialStates::lack(const experiment::Trial& trial, const results::TrialInfo& made,
                              const std::string& file) {
  const auto& wanted = request(trial);
  if (made.request == wanted) return "";
  if (file.empty())
    return "was made with other metrics or views, and its trial file was packed away";
  // Files of one digest hold the same, so that one of them tells for all.
  const auto [known, is_new] = lacks_.try_emplace({made.request, wanted});
  if (!is_new && !made.request.empty()) return known->second;
  return known->second = lack_of(trial, results::read_trial_header(file).config);
}

std::string TrialStates::change(const experiment::Trial& trial,
                                const results::TrialInfo& made) const {
  const auto versions = results::versions_from_text(made.versions);
  if (!versions.is_compatible(versions_))
    return fmt::format("was made with {}, now {}", versions.short_text(), versions_.short_text());
  return results::plugin_difference(results::plugins_from_text(made.plugins),
                                    results::plugins_of(trial, registry_));
}

const std::string& TrialStates::request(const experiment::Trial& trial) {
  const auto [known, is_new] =
      requests_.try_emplace(Asked{trial.train.get(), trial.metrics.get(), trial.views.get()});
  if (is_new) known->second = results::request_digest(trial);
  return known->second;
}

const MergedIndex& TrialStates::merged() {
  if (!merged_) merged_ = read_merged_index(paths_);
  return *merged_;
}

void TrialStates::add_progress(const experiment::Trial& trial, PlannedState& state) {
  const auto folder = paths_.under_way(trial.id);
  const auto recorded = files::token_files(folder, "trial", ".h5");
  for (const auto& file : recorded) {
    try {
      state.records_under_way = results::read_trial_info(file.path.string()).epochs_done;
      break;
    } catch (const StoreError&) {
      // It is being written, or damaged: the one before tells.
    }
  }
  const auto* run = runs_.find(files::lease_holder(folder));
  if (run != nullptr) state.held_by = run->id;
  const bool begun = !recorded.empty() || !files::token_files(folder, "checkpoint", "").empty();
  if (run == nullptr && !begun) return;
  const auto progress = epochs_text(state.records_under_way, trial.train->record_count());
  if (state.state == TrialState::fresh) {
    state.state = TrialState::partial;
    state.reason = progress;
  } else if (begun) {
    state.reason += fmt::format("; the new run {}", progress);
  }
  if (run != nullptr) state.reason += ", under way on " + run->info.host;
}

std::vector<PlannedState> states_of(const experiment::Plan& plan, const ResultPaths& paths,
                                    const Registry& registry,
                                    const training::Environment& environment) {
  TrialStates states(paths, registry, environment);
  std::vector<PlannedState> all;
  all.reserve(plan.trials.size());
  for (const auto& trial : plan.trials) all.push_back(states.of(trial));
  return all;
}

PlannedState state_of(const experiment::Trial& trial, const ResultPaths& paths,
                      const Registry& registry, const training::Environment& environment) {
  return TrialStates(paths, registry, environment).of(trial);
}

}  // namespace varia::sweep
