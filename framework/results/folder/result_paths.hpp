#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace varia::results {

/// True for what may be the id of a trial: 16 hexadecimal digits.
bool is_trial_id(const std::string& text);
/// True for what such an id may begin with, up to all of it.
bool is_trial_id_beginning(const std::string& text);

/// Where an experiment keeps what (results/README.md).
struct ResultPaths {
  std::filesystem::path root;  ///< --results
  std::string experiment;

  std::filesystem::path folder() const { return root / experiment; }
  std::filesystem::path merged() const { return root / (experiment + ".h5"); }
  std::filesystem::path trials() const { return folder() / "trials"; }
  /// A published trial: done or failed.
  std::filesystem::path trial(const std::string& id) const {
    return trials() / id.substr(0, 2) / (id + ".h5");
  }
  std::filesystem::path models() const { return folder() / "models"; }
  /// The parameters that a trial has kept.
  std::filesystem::path parameters(const std::string& id) const { return models() / (id + ".h5"); }
  std::filesystem::path checkpoints() const { return folder() / "checkpoints"; }
  /// The folder of a trial that is in progress, or was interrupted.
  std::filesystem::path in_progress(const std::string& id) const { return checkpoints() / id; }
  /// Heartbeats of the runs that are at work here.
  std::filesystem::path runs() const { return folder() / "runs"; }
  /// What trials and the jobs of a batch system printed.
  std::filesystem::path logs() const { return folder() / "logs"; }
  /// What a trial printed, where it printed anything.
  std::filesystem::path log(const std::string& id) const { return logs() / (id + ".log"); }
  /// The trials that the last run had in its plan (sweep_status.hpp).
  std::filesystem::path trial_list() const { return folder() / "plan.tsv"; }
  /// The experiment that the last run read, with what it extends and all overrides.
  std::filesystem::path experiment_file() const { return folder() / "experiment.yaml"; }
  /// The points that a search has proposed.
  std::filesystem::path proposals() const { return folder() / "proposals.yaml"; }
  /// Plans that were frozen for a batch system.
  std::filesystem::path submissions() const { return folder() / "submissions"; }
};

/// The paths of the results whose merged file this is.
ResultPaths paths_of_merged(const std::filesystem::path& merged);

/// Ids of the trials that a folder has files `<id><ending>` of, or folders if `ending` is empty;
/// sorted. What has another name is left out.
std::vector<std::string> ids_in(const std::filesystem::path& folder, const std::string& ending);

/// The same of `trials()`, whose files lie in folders by the first two digits.
std::vector<std::string> published_ids(const ResultPaths& paths);

}  // namespace varia::results
