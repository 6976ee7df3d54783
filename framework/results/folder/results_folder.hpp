#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "experiment/plan.hpp"
#include "files/whole_file.hpp"
#include "results/folder/result_paths.hpp"
#include "results/folder/runs_at_work.hpp"
#include "results/folder/trial_status.hpp"
#include "results/merged/results.hpp"
#include "results/trial/trial_reader.hpp"

namespace varia::results {

/// What the merged file says of its trials, by id.
using MergedTrials = std::unordered_map<std::string, TrialInfo>;

/// The published file of a trial.
struct PublishedTrial {
  std::optional<files::FileStamp> stamp;  ///< nullopt: there is no file
  std::optional<TrialInfo> info;          ///< nullopt: there is no file, or it is damaged
  std::string damage;                     ///< why it cannot be read
};

/// What lies in results/<name>/. Each file is read once, when it is first asked for; what other
/// runs may have changed since is looked at again when the caller says so. 10,000 trials take some
/// 0.2 s: of each file the text at its beginning is read alone.
class ResultsFolder {
 public:
  /// @throws StoreError if the folder is there and may not be looked into
  explicit ResultsFolder(ResultPaths paths);
  ResultsFolder(const ResultsFolder&) = delete;
  ResultsFolder& operator=(const ResultsFolder&) = delete;

  const ResultPaths& paths() const { return paths_; }
  const std::vector<RunAtWork>& runs() const { return runs_; }

  /// Reads the published files of the plan's trials whose first bytes tell all. The others are left
  /// for `published`, which reads them through HDF5: a damaged one may end the process.
  void read_summaries(const experiment::Plan& plan);
  /// @throws VersionError if the file is of another version
  const PublishedTrial& published(const std::string& id);
  /// The same as it is now. A file that is the same as before is not read.
  const PublishedTrial& look_again(const std::string& id);

  /// Whether there is a folder of the trial in `checkpoints/`, as of the last look.
  bool has_begun(const std::string& id) const { return begun_.contains(id); }
  /// Whether the parameters of a trial are there, as it is now: a trial is published after them.
  bool has_parameters(const std::string& id) const;
  /// Adds to the status of a trial how far it has come, by its newest file that can be read, and
  /// which run is at work on it.
  void add_progress(TrialStatus& status) const;
  /// The published file, or else the newest recorded one, as of the last look. It need not exist.
  std::filesystem::path newest_file(const std::string& id);

  /// The longest curve of a metric that the trial's files have, published or not, or that the
  /// merged file has of a trial whose file was packed away. Damaged files count as none.
  /// @param ignored token of a published file that does not count, as the trial is trained anew
  TrialCurve curve(const std::string& id, const std::string& metric, std::uint64_t ignored = 0);

  /// Empty if there is no merged file. @throws StoreError if it cannot be read
  const MergedTrials& merged();
  /// The same as it is now.
  const MergedTrials& merged_again();

  /// Removes the working files of a trial that are no newer than its published file: no run resumes
  /// from them.
  /// @param token of the published file
  void remove_outdated(const std::string& id, std::uint64_t token) const;

  /// Published files whose content was read so far.
  std::size_t files_read() const { return files_read_; }

 private:
  TrialCurve merged_curve(const std::string& id, const std::string& metric);

  ResultPaths paths_;
  std::vector<RunAtWork> runs_;
  std::unordered_set<std::string> begun_;
  std::unordered_map<std::string, PublishedTrial> published_;
  std::optional<MergedTrials> merged_;
  std::optional<Results> merged_file_;  // open for curves
  std::size_t files_read_ = 0;
};

/// The newest file that a trial in progress has recorded; nullopt if there is none.
std::optional<std::filesystem::path> newest_recorded(const ResultPaths& paths,
                                                     const std::string& id);

/// Merging keeps what an older merged file has, so one that is there must be of this version.
/// @throws StoreError
void require_readable_results(const ResultPaths& paths);

/// Makes the results folder and checks that it can be written to.
/// @param experiment_yaml left there as experiment.yaml; empty: what is there stays
/// @throws StoreError
void prepare_results(const ResultPaths& paths, const std::string& experiment_yaml);

}  // namespace varia::results
