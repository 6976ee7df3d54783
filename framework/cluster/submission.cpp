#include "cluster/submission.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <system_error>

#include "cluster/job_scripts.hpp"
#include "cluster/shell.hpp"
#include "cluster/slurm.hpp"
#include "experiment/experiment.hpp"
#include "experiment/yaml/yaml_writer.hpp"
#include "files/folder_entries.hpp"
#include "files/whole_file.hpp"
#include "varia/error.hpp"
#include "varia/sha256.hpp"

namespace varia::cluster {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::uint64_t kMaxBytes = 16 << 20;  // of a file that a submission has

std::string sha256_of(const fs::path& path) {
  auto digest = digest_of_bytes(path);
  if (!digest) throw StoreError(path.string(), "cannot be read");
  return *std::move(digest);
}

/// Paths stand in lines of sbatch and of sha256sum.
void check_path(const fs::path& path) {
  const std::string text = path.string();
  if (has_control_character(text) || text.find('\\') != std::string::npos)
    throw ConfigError(
        "a path that goes to Slurm cannot hold backslashes or control characters; rename the "
        "folder of the results, of the program, of a plugin or of a file that a parameter names");
}

/// The experiment as one file: merged, named, with the copies of the plugins that it names.
std::string frozen_yaml(const SubmissionInput& input, const fs::path& folder) {
  Value tree = experiment::standalone(input.experiment);
  std::vector<Value> plugins;
  for (const std::string& named : input.experiment.plugins) {
    const fs::path path = fs::canonical(named);
    for (const auto& plugin : input.plugins)
      if (plugin.file == path || plugin.file.parent_path() == path)
        plugins.push_back(Value::text((folder / plugin.copy).string()));
  }
  if (plugins.empty())
    tree.erase("plugins");
  else
    tree.set("plugins", Value::list(std::move(plugins)));
  return experiment::write_yaml(tree);
}

std::string digests_text(const SubmissionInput& input, const fs::path& folder) {
  std::string text;
  const auto add = [&](const std::string& digest, const fs::path& path) {
    check_path(path);
    text += fmt::format("{}  {}\n", digest, path.string());
  };
  for (const fs::path& file : input.program) add(sha256_of(file), file);
  for (const auto* files : {&input.plugins, &input.files})
    for (const auto& file : *files) add(file.digest, folder / file.copy);
  return text;
}

Json settings_json(const Value& settings) {
  Json json = Json::object();
  for (const auto& entry : settings.entries()) {
    if (entry.value.is_null()) continue;
    if (entry.value.is_map()) {
      json[entry.key] = settings_json(entry.value);
    } else if (entry.value.is_list()) {
      json[entry.key] = Json::array();
      for (const Value& item : entry.value.items()) json[entry.key].push_back(item.text());
    } else if (const auto number = entry.value.as_integer(); number && !entry.value.quoted()) {
      json[entry.key] = *number;
    } else {
      json[entry.key] = entry.value.text();
    }
  }
  return json;
}

std::string json_text(const SubmissionInput& input) {
  std::size_t trials = 0;
  for (const auto& task : input.tasks) trials += task.size();
  Json plugins = Json::array();
  for (const auto& plugin : input.plugins)
    plugins.push_back({{"name", plugin.name},
                       {"version", plugin.version},
                       {"file", plugin.file.string()},
                       {"copy", plugin.copy.filename().string()},
                       {"sha256", plugin.digest}});
  Json files = Json::array();
  for (const auto& file : input.files)
    files.push_back({{"file", file.file.string()}, {"sha256", file.digest}});
  const Json json = {
      {"experiment", input.experiment.name},
      {"created", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)))},
      {"versions", input.versions},
      {"trials", trials},
      {"tasks", input.tasks.size()},
      {"working_folder", input.working_folder.string()},
      {"program", input.program.front().string()},
      {"settings", settings_json(input.settings.resolved())},
      {"plugins", plugins},
      {"files", files}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// The numbers of the submissions that are there, ascending.
std::set<std::int64_t> numbers_in(const fs::path& submissions) {
  std::set<std::int64_t> numbers;
  std::error_code error;
  for (const auto& entry : files::folder_entries(submissions, error))
    if (const auto number = parse_number(entry.path().filename().string())) numbers.insert(*number);
  return numbers;
}

/// Makes the folder that nobody else has made.
fs::path claim_folder(const fs::path& submissions) {
  std::error_code error;
  fs::create_directories(submissions, error);
  while (!error) {
    const auto folder = next_submission(submissions);
    if (fs::create_directory(folder, error)) return folder;
  }
  throw StoreError(submissions.string(), "cannot be written to: " + error.message());
}

/// @param digest what the file must have, since the plan was made with it
void copy_checked(const fs::path& file, const std::string& digest, const fs::path& copy) {
  std::error_code error;
  fs::create_directories(copy.parent_path(), error);
  if (!error) fs::copy_file(file, copy, error);
  if (error)
    throw StoreError(copy.string(), "cannot be made of " + file.string() + ": " + error.message());
  if (sha256_of(copy) != digest)
    throw StoreError(file.string(), "has changed while it was submitted; call varia submit again");
}

/// Lines `KIND ID FIRST COUNT`; others, such as one that was cut off, are passed over.
std::vector<Job> read_jobs(const fs::path& file) {
  std::vector<Job> jobs;
  if (!fs::exists(file)) return jobs;
  std::istringstream lines(files::read_whole_file(file.string(), kMaxBytes));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string kind, id, first, count;
    const bool whole = words >> kind >> id >> first >> count && (words >> std::ws).eof();
    if (whole && (kind == "merge" || kind == "array") && parse_number(id) && parse_number(first) &&
        parse_number(count))
      jobs.push_back({kind == "merge", id, *parse_number(first), *parse_number(count)});
  }
  return jobs;
}

std::optional<Submission> read_submission(const fs::path& folder, std::int64_t number) {
  try {
    const auto json =
        Json::parse(files::read_whole_file((folder / "submission.json").string(), kMaxBytes));
    return Submission{.number = number,
                      .folder = folder,
                      .created = json.at("created").get<std::string>(),
                      .tasks = json.at("tasks").get<std::int64_t>(),
                      .trials = json.at("trials").get<std::int64_t>(),
                      .jobs = read_jobs(folder / "jobs")};
  } catch (const StoreError&) {
  } catch (const Json::exception&) {
  }
  return std::nullopt;
}

std::vector<std::string> ids_of(const std::vector<Submission>& submissions) {
  std::vector<std::string> ids;
  for (const auto& submission : submissions)
    for (const auto& job : submission.jobs) ids.push_back(job.id);
  return ids;
}

/// The number of the task that a queued element is, nullopt if it is of another job.
std::optional<std::int64_t> task_of(const QueuedJob& queued, const Job& job) {
  if (job.is_merge || queued.id != job.id || !queued.task || *queued.task >= job.count)
    return std::nullopt;
  return job.first + *queued.task;
}

void count(Submission& submission, const std::vector<QueuedJob>& queue) {
  submission.pending = 0;
  submission.running = 0;
  for (auto& job : submission.jobs)
    for (const auto& queued : queue) {
      job.is_queued |= queued.id == job.id;
      if (job.is_merge && job.is_queued) submission.merge_is_pending = true;
      if (task_of(queued, job)) ++*(queued.runs ? submission.running : submission.pending);
    }
}

}  // namespace

fs::path next_submission(const fs::path& submissions) {
  const auto numbers = numbers_in(submissions);
  return submissions / std::to_string(numbers.empty() ? 1 : *numbers.rbegin() + 1);
}

std::vector<SubmissionFile> submission_files(const SubmissionInput& input, const fs::path& folder) {
  for (const auto& path : {folder, input.results, input.working_folder}) check_path(path);
  if (folder.string().find('%') != std::string::npos)
    throw ConfigError(
        folder.string() +
        ": Slurm replaces % in the paths of logs; choose another folder by --results");
  std::vector<SubmissionFile> files{{"experiment.yaml", frozen_yaml(input, folder)},
                                    {"digests", digests_text(input, folder)},
                                    {"job.sh", job_script(input, folder)},
                                    {"merge.sh", merge_script(input, folder)},
                                    {"submit.sh", submit_script(input, folder)}};
  for (std::size_t i = 0; i < input.tasks.size(); ++i) {
    std::string ids;
    for (const std::string& id : input.tasks[i]) ids += id + "\n";
    files.push_back({"tasks/" + std::to_string(i), std::move(ids)});
  }
  if (!input.reruns.empty()) {
    std::string lines;
    for (const auto& [id, token] : input.reruns) lines += fmt::format("{} {}\n", id, token);
    files.push_back({"reruns", std::move(lines)});
  }
  files.push_back({"submission.json", json_text(input)});
  return files;
}

fs::path write_submission(const SubmissionInput& input, const fs::path& submissions) {
  const auto folder = claim_folder(submissions);
  std::error_code error;
  // Slurm does not make the folder of the logs.
  fs::create_directories((folder / kLogs).lexically_normal(), error);
  if (error) throw StoreError(folder.string(), "cannot be written to: " + error.message());
  const auto files = submission_files(input, folder);
  for (const auto* copied : {&input.plugins, &input.files})
    for (const auto& file : *copied) copy_checked(file.file, file.digest, folder / file.copy);
  for (const auto& file : files) files::write_whole_file((folder / file.name).string(), file.text);
  return folder;
}

std::vector<Submission> read_submissions(const fs::path& submissions) {
  std::vector<Submission> records;
  for (const auto number : numbers_in(submissions))
    if (auto record = read_submission(submissions / std::to_string(number), number))
      records.push_back(std::move(*record));
  return records;
}

std::vector<Submission> submissions_in_queue(const fs::path& submissions) {
  auto found = read_submissions(submissions);
  if (const auto queue = queued_jobs(ids_of(found)))
    for (auto& submission : found) count(submission, *queue);
  return found;
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
