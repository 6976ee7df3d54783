#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace varia::cluster {

/// A job, or one element of a job array, that waits or runs.
struct QueuedJob {
  std::string id;                    ///< of the job, or of the whole array
  std::optional<std::int64_t> task;  ///< its index in the array
  bool runs = false;                 ///< else it waits
};

/// MaxArraySize of the site: job arrays have indices below it. Slurm's default, 1001, if there
/// is no Slurm to ask.
std::int64_t max_array_size();

/// What squeue knows of jobs; those that have ended are not there.
/// @returns nullopt if there is no squeue, or it cannot reach the controller
std::optional<std::vector<QueuedJob>> queued_jobs(const std::vector<std::string>& ids);

/// The number that digits alone write, at most 18 of them; nullopt else.
std::optional<std::int64_t> parse_number(const std::string& text);

/// Reads MaxArraySize from what `scontrol show config` prints.
std::optional<std::int64_t> parse_max_array_size(const std::string& config);

/// Reads lines of squeue's format "%F|%K|%T"; others are passed over.
std::vector<QueuedJob> parse_queue(const std::string& lines);

}  // namespace varia::cluster
