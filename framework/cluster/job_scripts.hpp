#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cluster/packing.hpp"
#include "experiment/params/cluster_params.hpp"

namespace varia::cluster {

/// What the scripts of a submission depend on. All paths are absolute.
struct ScriptInput {
  std::string experiment;                ///< its name
  std::filesystem::path folder;          ///< of the submission
  std::filesystem::path results;         ///< as --results has it
  std::filesystem::path working_folder;  ///< where relative paths of the data start
  std::filesystem::path program;         ///< varia
  std::vector<std::string> overrides;    ///< KEY=VALUE
  std::string rerun;                     ///< "failed", "stale" or nothing
  std::int64_t threads = 1;              ///< of a trial
  const experiment::ClusterParams& params;
};

/// `sbatch --array=0-N job.sh FIRST` runs the tasks FIRST to FIRST + N.
///
/// A task checks that program and plugins are those of the submission, and runs its trials. Slurm
/// sends USR1 to the script before the wall time ends; varia then writes its checkpoints and ends
/// with exit code 75, and the script puts itself back into the queue.
std::string job_script(const ScriptInput& input);

/// The job that merges the results when all tasks have ended.
std::string merge_script(const ScriptInput& input);

/// Sends the arrays and the merge, and appends a line `KIND ID FIRST COUNT` to the file `jobs` for
/// each job that Slurm has taken.
std::string submit_script(const ScriptInput& input, const std::vector<JobArray>& arrays);

}  // namespace varia::cluster
