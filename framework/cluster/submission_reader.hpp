#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cluster/slurm.hpp"

namespace varia::cluster {

/// A job that a submission has sent.
struct SentJob {
  bool is_merge = false;
  std::string id;          ///< Slurm's
  std::int64_t first = 0;  ///< task of the array's element 0
  std::int64_t count = 0;  ///< of its elements
};

/// A submission as its folder has it.
struct SubmissionRecord {
  std::int64_t number = 0;
  std::filesystem::path folder;
  std::string created;  ///< ISO 8601
  std::int64_t tasks = 0;
  std::int64_t trials = 0;
  std::vector<SentJob> jobs;  ///< none: it was not sent
};

/// How a submission stands with Slurm.
struct SubmissionStatus {
  SubmissionRecord submission;
  /// What squeue says; nothing where it cannot be asked.
  struct Queue {
    std::int64_t pending = 0;  ///< tasks
    std::int64_t running = 0;
    bool merge_is_pending = false;
  };
  std::optional<Queue> queue;
};

/// The submissions of an experiment, the oldest first. What was not written to its end, or is
/// damaged, is left out.
/// @param submissions `results/<name>/submissions`; it need not exist
std::vector<SubmissionRecord> read_submissions(const std::filesystem::path& submissions);

/// The same with what squeue knows; asks it once.
std::vector<SubmissionStatus> submission_status(const std::filesystem::path& submissions);

/// Ids of the trials whose tasks wait or run.
/// @returns nothing where something was sent and squeue cannot be asked
std::optional<std::set<std::string>> queued_trials(const std::filesystem::path& submissions);

}  // namespace varia::cluster
