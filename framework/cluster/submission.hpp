#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cluster/frozen_files.hpp"
#include "experiment/experiment.hpp"
#include "experiment/params/cluster_params.hpp"

namespace varia::cluster {

/// The ids of the trials of each task.
using Tasks = std::vector<std::vector<std::string>>;

/// What is frozen. All paths are absolute.
struct SubmissionInput {
  const experiment::Experiment& experiment;
  const experiment::ClusterParams& settings;
  Tasks tasks;
  std::int64_t max_array_size = 1001;
  std::int64_t threads = 1;  ///< the most that a trial uses
  /// Trials whose results are replaced, with the tokens of these: what a task has trained again
  /// stays when Slurm starts it anew.
  std::map<std::string, std::uint64_t> reruns = {};
  std::filesystem::path results;               ///< as --results
  std::filesystem::path working_folder;        ///< relative paths of the data begin there
  std::vector<std::filesystem::path> program;  ///< see program_files()
  std::vector<FrozenFile> plugins = {};
  std::vector<FrozenFile> files = {};  ///< that parameters name
  std::string versions = {};           ///< one line
  /// Arrays of earlier submissions that the merge waits for, too.
  std::vector<std::string> waits_for = {};
};

/// A text file of a submission.
struct SubmissionFile {
  std::string name;  ///< in the submission's folder
  std::string text;
};

/// The folder that the next submission gets: `<submissions>/<k>`, k from 1.
std::filesystem::path next_submission(const std::filesystem::path& submissions);

/// The text files of a submission: experiment.yaml (everything merged; plugins are the copies),
/// tasks/<i> (trial ids, one a line), reruns (ids and tokens), digests (as sha256sum reads them),
/// job.sh, merge.sh, submit.sh, submission.json.
std::vector<SubmissionFile> submission_files(const SubmissionInput& input,
                                             const std::filesystem::path& folder);

/// Makes `<submissions>/<k>` with copies of the plugins, of the files that parameters name, and all
/// text files; submission.json, written last, says that the rest is there.
/// @returns the folder
/// @throws StoreError if it cannot be written, or if a plugin has changed since it was loaded or a
///         file since the plan was made
std::filesystem::path write_submission(const SubmissionInput& input,
                                       const std::filesystem::path& submissions);

/// A job of a submission: the tasks `first` to `first + count - 1` as the elements 0 to `count - 1`
/// of an array, or the merge.
struct Job {
  bool is_merge = false;
  std::string id = {};  ///< Slurm's; empty before it is sent
  std::int64_t first = 0;
  std::int64_t count = 0;
  bool is_queued = false;  ///< squeue says that it waits or runs
};

/// A submission as its folder has it.
struct Submission {
  std::int64_t number = 0;
  std::filesystem::path folder;
  std::string created;  ///< ISO 8601
  std::int64_t tasks = 0;
  std::int64_t trials = 0;
  std::vector<Job> jobs;  ///< none: it was not sent

  // What squeue says; nullopt if it was not asked, or cannot be asked.
  std::optional<std::int64_t> pending = {};  ///< tasks
  std::optional<std::int64_t> running = {};
  bool merge_is_pending = false;
};

/// The submissions of an experiment, the oldest first. What was not written to its end, or is
/// damaged, is left out.
/// @param submissions `results/<name>/submissions`; it need not exist
std::vector<Submission> read_submissions(const std::filesystem::path& submissions);

/// The same with what squeue knows; asks it once.
std::vector<Submission> submissions_in_queue(const std::filesystem::path& submissions);

/// Ids of the trials whose tasks wait or run.
/// @returns nullopt if something was sent and squeue cannot be asked
std::optional<std::set<std::string>> queued_trials(const std::filesystem::path& submissions);

}  // namespace varia::cluster
