#include "results/folder/trial_states.hpp"

#include <algorithm>

#include "experiment/params/run_params.hpp"
#include "experiment/yaml/yaml_reader.hpp"
#include "results/folder/trial_header.hpp"
#include "varia/error.hpp"

namespace varia::results {

namespace {

using Kind = Reason::Kind;

std::string name_of(const Value& entry) {
  const auto* name = entry.find("as");
  if (name == nullptr) name = entry.find("use");
  return name != nullptr ? name->text() : "";
}

/// What a list of metrics or views lacks of the entries that are wanted.
/// @param missing, other the reasons if an entry is not there, or has other parameters
Reason lack_of(const std::vector<experiment::ListEntry>& wanted, const Value& made, Kind missing,
               Kind other) {
  for (const auto& entry : wanted) {
    const auto text = experiment::entry_value(entry).canonical();
    const auto& items = made.items();
    if (std::ranges::any_of(items, [&](const auto& item) { return item.canonical() == text; }))
      continue;
    const bool is_named =
        std::ranges::any_of(items, [&](const auto& item) { return name_of(item) == entry.name; });
    return {.kind = is_named ? other : missing, .what = entry.name};
  }
  return {};
}

/// What the trial asks for and a file lacks that was made by `config`.
Reason lack_of(const experiment::Trial& trial, const std::string& config) {
  const auto made = experiment::read_yaml_text(config, "its resolved experiment");
  const auto section = [&](const char* key) {
    const auto* found = made.find(key);
    return found != nullptr ? *found : Value(made.where());
  };
  experiment::TrainParams train;
  train.load(section("train"), {nullptr, "train", made.where()});
  const auto every = trial.train->record_every();
  if (every != 0 && every != train.record_every())
    return {.kind = Kind::lacks_step_curves, .wants = every};
  auto reason = lack_of(*trial.metrics, section("metrics"), Kind::lacks_metric, Kind::other_metric);
  if (reason.kind != Kind::none) return reason;
  return lack_of(*trial.views, section("views"), Kind::lacks_view, Kind::other_view);
}

/// The first plugin that is another one now.
Reason changed_plugin(const std::vector<PluginVersion>& then,
                      const std::vector<PluginVersion>& now) {
  for (const auto& plugin : now) {
    const auto old = std::ranges::find(then, plugin.name, &PluginVersion::name);
    if (old == then.end()) return {.kind = Kind::new_plugin, .what = plugin.name};
    if (old->version != plugin.version)
      return {.kind = Kind::other_plugin,
              .what = plugin.name,
              .then = old->version,
              .now = plugin.version};
    if (*old != plugin)
      return {.kind = Kind::rebuilt_plugin, .what = plugin.name, .now = plugin.version};
  }
  return {};
}

}  // namespace

TrialStates::TrialStates(ResultsFolder& folder, const Registry& registry, Versions versions)
    : folder_(folder), registry_(registry), versions_(std::move(versions)) {}

TrialStatus TrialStates::of(const experiment::Trial& trial) {
  TrialStatus status;
  status.id = trial.id;
  status.target_records = trial.train->record_count();
  status.keep = trial.train->keep();
  const auto& published = folder_.published(trial.id);
  if (published.info) {
    try {
      compare(trial, *published.info, status);
    } catch (const Error& error) {
      status = {.id = trial.id, .target_records = status.target_records, .keep = status.keep};
      status.reason = {.kind = Kind::damaged, .what = error.what()};
    }
  } else if (published.stamp) {
    status.reason = {.kind = Kind::damaged, .what = published.damage};
  } else {
    const auto row = folder_.merged().find(trial.id);
    // What failed has a file of its own: packing leaves it, and a row alone is no reason to stop.
    if (row != folder_.merged().end() && row->second.status == TrialState::done) {
      status.packed = true;
      compare(trial, row->second, status);
    }
  }
  if (status.state == TrialState::done || !folder_.has_begun(trial.id)) return status;
  folder_.add_progress(status);
  if (status.state == TrialState::fresh && (status.begun || !status.run.empty()))
    status.state = TrialState::partial;
  return status;
}

std::vector<TrialStatus> TrialStates::of(const experiment::Plan& plan) {
  std::vector<TrialStatus> all;
  all.reserve(plan.trials.size());
  for (const auto& trial : plan.trials) all.push_back(of(trial));
  return all;
}

void TrialStates::compare(const experiment::Trial& trial, const TrialInfo& made,
                          TrialStatus& status) {
  status.published = made;
  if (made.status == TrialState::failed) {
    status.state = TrialState::failed;
    status.reason = {.kind = Kind::failed, .what = made.error};
  } else if (made.status == TrialState::partial || !made.is_whole(status.target_records)) {
    status.state = TrialState::partial;
    status.reason = {
        .kind = Kind::lacks_records, .has = made.epochs_done, .wants = status.target_records};
  } else if (status.reason = lack(trial, made, status.packed); status.reason.kind != Kind::none) {
    status.state = TrialState::partial;
  } else if (status.reason = change(trial, made); status.reason.kind != Kind::none) {
    status.state = TrialState::stale;
  } else {
    status.state = TrialState::done;
  }
}

Reason TrialStates::lack(const experiment::Trial& trial, const TrialInfo& made, bool packed) {
  auto& wanted = requests_[{trial.train.get(), trial.metrics.get(), trial.views.get()}];
  if (wanted.empty()) wanted = request_digest(trial);
  if (made.request != wanted) {
    if (packed) return {.kind = Kind::other_request};
    if (auto reason = request_lack(trial, made, wanted); reason.kind != Kind::none) return reason;
  }
  // A merged file is often all that was copied: it is no sign that parameters were removed.
  if (packed || !trial.train->keeps_parameters()) return {};
  if (!folder_.has_parameters(trial.id)) return {.kind = Kind::lacks_parameters};
  if (made.keep == trial.train->keep()) return {};
  return {.kind = Kind::other_parameters, .then = made.keep, .now = trial.train->keep()};
}

Reason TrialStates::request_lack(const experiment::Trial& trial, const TrialInfo& made,
                                 const std::string& wanted) {
  // Files of one digest hold the same, so that one of them tells for all.
  const std::pair key(made.request, wanted);
  if (const auto known = lacks_.find(key); known != lacks_.end()) return known->second;
  const auto made_by = read_trial_header(folder_.paths().trial(trial.id).string()).config;
  return lacks_[key] = lack_of(trial, made_by);
}

Reason TrialStates::change(const experiment::Trial& trial, const TrialInfo& made) {
  if (!made.versions.is_compatible(versions_))
    return {.kind = Kind::other_versions,
            .then = made.versions.short_text(),
            .now = versions_.short_text()};
  const auto [now, is_new] = plugins_.try_emplace(
      {trial.data.get(), trial.model.get(), trial.loss.get(), trial.optimizer.get()});
  if (is_new) now->second = plugins_of(trial, registry_);
  return changed_plugin(made.plugins, now->second);
}

}  // namespace varia::results
