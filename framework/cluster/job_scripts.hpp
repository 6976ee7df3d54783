#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cluster/submission.hpp"

namespace varia::cluster {

/// Packs trials in their order, `per_task` into each task; the last one takes what is left.
Tasks pack(const std::vector<std::string>& trials, std::int64_t per_task);

/// Splits the tasks into arrays whose largest index is below Slurm's MaxArraySize.
std::vector<Job> arrays_of(const SubmissionInput& input);

/// One call of sbatch.
struct SbatchCall {
  Job job;
  std::string words;  ///< after `sbatch`; $all and $last: jobs that were sent before
};

/// The arrays, then the merge, which waits for all of them.
std::vector<SbatchCall> sbatch_calls(const SubmissionInput& input);

/// Where Slurm writes what jobs print, from the folder of their submission: beside the logs of
/// trials.
inline constexpr const char* kLogs = "../../logs";

/// `sbatch --array=0-N job.sh FIRST` runs the tasks FIRST to FIRST + N.
///
/// A task checks that program and plugins are those of the submission, and runs its trials. Slurm
/// sends USR1 to the script before the wall time ends; varia then writes its checkpoints and ends
/// with exit code 75, and the script puts itself back into the queue.
/// @param folder of the submission, absolute
std::string job_script(const SubmissionInput& input, const std::filesystem::path& folder);

/// The job that merges the results when all tasks have ended.
std::string merge_script(const SubmissionInput& input, const std::filesystem::path& folder);

/// What of these scripts differs from one submission to another, on one screen: the calls of
/// sbatch, what the jobs ask for, and what they run.
std::string outline(const SubmissionInput& input, const std::filesystem::path& folder);

/// Sends the arrays and the merge of the sweep, and appends a line `KIND ID FIRST COUNT` to the
/// file `jobs` for each job that Slurm has taken.
std::string submit_script(const SubmissionInput& input, const std::filesystem::path& folder);

}  // namespace varia::cluster
