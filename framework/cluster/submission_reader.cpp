#include "cluster/submission_reader.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <system_error>

#include "files/whole_file.hpp"
#include "varia/error.hpp"

namespace varia::cluster {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxBytes = 16 << 20;

/// Lines `KIND ID FIRST COUNT`; others, such as one that was cut off, are passed over.
std::vector<SentJob> read_jobs(const fs::path& file) {
  static const std::regex form("(array|merge) ([0-9]{1,18}) ([0-9]{1,9}) ([0-9]{1,9})");
  std::vector<SentJob> jobs;
  if (!fs::exists(file)) return jobs;
  std::istringstream stream(files::read_whole_file(file.string(), kMaxBytes));
  for (std::string line; std::getline(stream, line);) {
    std::smatch match;
    if (std::regex_match(line, match, form))
      jobs.push_back({match[1] == "merge", match[2], std::stoll(match[3]), std::stoll(match[4])});
  }
  return jobs;
}

std::optional<SubmissionRecord> read_submission(const fs::path& folder) {
  static const std::regex number("[1-9][0-9]{0,8}");
  const std::string name = folder.filename().string();
  if (!std::regex_match(name, number)) return std::nullopt;
  try {
    const auto text = files::read_whole_file((folder / "submission.json").string(), kMaxBytes);
    const auto json = nlohmann::json::parse(text);
    return SubmissionRecord{std::stoll(name),
                            folder,
                            json.at("created").get<std::string>(),
                            json.at("tasks").get<std::int64_t>(),
                            json.at("trials").get<std::int64_t>(),
                            read_jobs(folder / "jobs")};
  } catch (const StoreError&) {
  } catch (const nlohmann::json::exception&) {
  }
  return std::nullopt;
}

std::vector<std::string> ids_of(const std::vector<SubmissionRecord>& submissions) {
  std::vector<std::string> ids;
  for (const auto& submission : submissions)
    for (const auto& job : submission.jobs) ids.push_back(job.id);
  return ids;
}

/// The number of the task that a queued element is, or nothing where it is of another job.
std::optional<std::int64_t> task_of(const QueuedJob& queued, const SentJob& job) {
  if (job.is_merge || queued.id != job.id || !queued.task || *queued.task >= job.count)
    return std::nullopt;
  return job.first + *queued.task;
}

SubmissionStatus::Queue count(const SubmissionRecord& submission,
                              const std::vector<QueuedJob>& queue) {
  SubmissionStatus::Queue result;
  for (const auto& job : submission.jobs)
    for (const auto& queued : queue) {
      if (job.is_merge && queued.id == job.id) result.merge_is_pending = true;
      if (task_of(queued, job)) ++(queued.runs ? result.running : result.pending);
    }
  return result;
}

}  // namespace

std::vector<SubmissionRecord> read_submissions(const fs::path& submissions) {
  std::vector<SubmissionRecord> records;
  std::error_code error;
  for (fs::directory_iterator entry(submissions, error), end; !error && entry != end;
       entry.increment(error))
    if (auto record = read_submission(entry->path())) records.push_back(std::move(*record));
  std::sort(records.begin(), records.end(),
            [](const auto& a, const auto& b) { return a.number < b.number; });
  return records;
}

std::vector<SubmissionStatus> submission_status(const fs::path& submissions) {
  auto records = read_submissions(submissions);
  const auto queue = queued_jobs(ids_of(records));
  std::vector<SubmissionStatus> result;
  for (auto& record : records) {
    SubmissionStatus status{std::move(record), std::nullopt};
    if (queue) status.queue = count(status.submission, *queue);
    result.push_back(std::move(status));
  }
  return result;
}

std::optional<std::set<std::string>> queued_trials(const fs::path& submissions) {
  const auto records = read_submissions(submissions);
  const auto queue = queued_jobs(ids_of(records));
  if (!queue) return std::nullopt;
  std::set<std::string> trials;
  for (const auto& record : records)
    for (const auto& job : record.jobs)
      for (const auto& queued : *queue) {
        const auto task = task_of(queued, job);
        if (!task) continue;
        const auto file = record.folder / "tasks" / std::to_string(*task);
        std::istringstream stream(files::read_whole_file(file.string(), kMaxBytes));
        for (std::string id; std::getline(stream, id);) trials.insert(id);
      }
  return trials;
}

}  // namespace varia::cluster
