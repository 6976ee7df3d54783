#include "cluster/submission.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <system_error>

#include "cluster/job_scripts.hpp"
#include "cluster/slurm.hpp"
#include "experiment/experiment.hpp"
#include "experiment/yaml/yaml_writer.hpp"
#include "files/whole_file.hpp"
#include "varia/error.hpp"
#include "varia/sha256.hpp"

namespace varia::cluster {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::uint64_t kMaxBytes = 16 << 20;  // of a file that a submission has

std::string sha256_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  Sha256 hash;
  std::array<char, 1 << 16> buffer{};
  while (file.read(buffer.data(), buffer.size()) || file.gcount() > 0)
    hash.update(buffer.data(), static_cast<std::size_t>(file.gcount()));
  if (file.bad() || !file.eof()) throw StoreError(path.string(), "cannot be read");
  return hash.digest();
}

/// Where the copy of each plugin goes, in the order of the input. Two plugins whose files have one
/// name get different ones.
std::vector<fs::path> copies_of(const std::vector<PluginFile>& plugins, const fs::path& folder) {
  std::map<std::string, int> taken;
  std::vector<fs::path> copies;
  for (const PluginFile& plugin : plugins) {
    std::string name = plugin.file.filename().string();
    const int count = ++taken[name];
    if (count > 1) name = fmt::format("{}-{}.so", plugin.file.stem().string(), count);
    copies.push_back(folder / "plugins" / name);
  }
  return copies;
}

/// Where the copy of a file goes, and varia looks for it (VARIA_FILES_FOLDER).
fs::path copy_of(const ParameterFile& file, const fs::path& folder) {
  return folder / "files" / file.file.relative_path();
}

/// Paths stand in lines of sbatch and of sha256sum.
void check_path(const fs::path& path) {
  const std::string text = path.string();
  if (std::any_of(text.begin(), text.end(),
                  [](unsigned char c) { return c < 0x20 || c == 0x7F || c == '\\'; }))
    throw ConfigError(
        "a path that goes to Slurm cannot hold backslashes or control characters; rename the "
        "folder of the results, of the program, of a plugin or of a file that a parameter names");
}

/// The experiment as one file: merged, named, with the copies of the plugins that it names.
std::string frozen_yaml(const SubmissionInput& input, const std::vector<fs::path>& copies) {
  Value tree = experiment::standalone(input.experiment);
  std::vector<Value> plugins;
  for (const std::string& named : input.experiment.plugins) {
    const fs::path path = fs::canonical(named);
    for (std::size_t i = 0; i < copies.size(); ++i)
      if (input.plugins[i].file == path || input.plugins[i].file.parent_path() == path)
        plugins.push_back(Value::text(copies[i].string()));
  }
  if (plugins.empty())
    tree.erase("plugins");
  else
    tree.set("plugins", Value::list(std::move(plugins)));
  return experiment::write_yaml(tree);
}

std::string digests_text(const SubmissionInput& input, const std::vector<fs::path>& copies,
                         const fs::path& folder) {
  std::string text;
  const auto add = [&](const std::string& digest, const fs::path& path) {
    check_path(path);
    text += fmt::format("{}  {}\n", digest, path.string());
  };
  for (const fs::path& file : input.program) add(sha256_of(file), file);
  for (std::size_t i = 0; i < copies.size(); ++i) add(input.plugins[i].digest, copies[i]);
  for (const auto& file : input.files) add(file.digest, copy_of(file, folder));
  return text;
}

Json settings_json(const Settings& settings) {
  Json json = Json::object();
  if (!settings.profile.empty()) json["profile"] = settings.profile;
  const Value resolved = settings.params.resolved();
  for (const auto& entry : resolved.entries()) {
    if (entry.key == "profile" || entry.value.is_null()) continue;
    if (entry.value.is_list()) {
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

std::string json_text(const SubmissionInput& input, const std::vector<fs::path>& copies) {
  std::size_t trials = 0;
  for (const auto& task : input.tasks) trials += task.size();
  Json plugins = Json::array();
  for (std::size_t i = 0; i < copies.size(); ++i)
    plugins.push_back({{"name", input.plugins[i].name},
                       {"version", input.plugins[i].version},
                       {"file", input.plugins[i].file.string()},
                       {"copy", copies[i].filename().string()},
                       {"sha256", input.plugins[i].digest}});
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
      {"settings", settings_json(input.settings)},
      {"plugins", plugins},
      {"files", files}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::int64_t number_of(const fs::path& folder) {
  const std::string name = folder.filename().string();
  const bool is_number = !name.empty() && name.size() < 10 &&
                         name.find_first_not_of("0123456789") == std::string::npos;
  return is_number ? std::stoll(name) : 0;
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

bool is_task_count(std::int64_t number) { return number >= 0 && number < 1'000'000'000; }

/// Lines `KIND ID FIRST COUNT`; others, such as one that was cut off, are passed over.
std::vector<SentJob> read_jobs(const fs::path& file) {
  std::vector<SentJob> jobs;
  if (!fs::exists(file)) return jobs;
  std::istringstream lines(files::read_whole_file(file.string(), kMaxBytes));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string kind;
    SentJob job;
    const bool whole =
        words >> kind >> job.id >> job.first >> job.count && (words >> std::ws).eof();
    job.is_merge = kind == "merge";
    if (whole && (job.is_merge || kind == "array") && is_task_count(job.first) &&
        is_task_count(job.count) && job.id.find_first_not_of("0123456789") == std::string::npos)
      jobs.push_back(std::move(job));
  }
  return jobs;
}

std::optional<Submission> read_submission(const fs::path& folder) {
  const auto number = number_of(folder);
  if (number == 0) return std::nullopt;
  try {
    const auto json =
        Json::parse(files::read_whole_file((folder / "submission.json").string(), kMaxBytes));
    return Submission{.number = number,
                      .folder = folder,
                      .created = json.at("created").get<std::string>(),
                      .tasks = json.at("tasks").get<std::int64_t>(),
                      .trials = json.at("trials").get<std::int64_t>(),
                      .jobs = read_jobs(folder / "jobs"),
                      .queue = std::nullopt};
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
std::optional<std::int64_t> task_of(const QueuedJob& queued, const SentJob& job) {
  if (job.is_merge || queued.id != job.id || !queued.task || *queued.task >= job.count)
    return std::nullopt;
  return job.first + *queued.task;
}

Submission::Queue count(const Submission& submission, const std::vector<QueuedJob>& queue) {
  Submission::Queue result;
  for (const auto& job : submission.jobs)
    for (const auto& queued : queue) {
      if (job.is_merge && queued.id == job.id) result.merge_is_pending = true;
      if (task_of(queued, job)) ++(queued.runs ? result.running : result.pending);
    }
  return result;
}

}  // namespace

fs::path next_submission(const fs::path& submissions) {
  std::int64_t last = 0;
  std::error_code error;
  for (fs::directory_iterator entry(submissions, error), end; !error && entry != end;
       entry.increment(error))
    last = std::max(last, number_of(entry->path()));
  return submissions / std::to_string(last + 1);
}

std::vector<SubmissionFile> submission_files(const SubmissionInput& input, const fs::path& folder) {
  for (const auto& path : {folder, input.results, input.working_folder}) check_path(path);
  if (folder.string().find('%') != std::string::npos)
    throw ConfigError(
        folder.string() +
        ": Slurm replaces % in the paths of logs; choose another folder by --results");
  const auto copies = copies_of(input.plugins, folder);
  std::vector<SubmissionFile> files{{"experiment.yaml", frozen_yaml(input, copies)},
                                    {"digests", digests_text(input, copies, folder)},
                                    {"job.sh", job_script(input, folder)},
                                    {"merge.sh", merge_script(input, folder)},
                                    {"submit.sh", submit_script(input, folder)}};
  for (std::size_t i = 0; i < input.tasks.size(); ++i) {
    std::string ids;
    for (const std::string& id : input.tasks[i]) ids += id + "\n";
    files.push_back({"tasks/" + std::to_string(i), std::move(ids)});
  }
  files.push_back({"submission.json", json_text(input, copies)});
  return files;
}

fs::path write_submission(const SubmissionInput& input, const fs::path& submissions) {
  const auto folder = claim_folder(submissions);
  std::error_code error;
  // Slurm does not make the folder of the logs.
  fs::create_directories(submissions.parent_path() / "logs", error);
  if (error) throw StoreError(folder.string(), "cannot be written to: " + error.message());
  const auto files = submission_files(input, folder);
  const auto copies = copies_of(input.plugins, folder);
  for (std::size_t i = 0; i < copies.size(); ++i)
    copy_checked(input.plugins[i].file, input.plugins[i].digest, copies[i]);
  for (const auto& file : input.files) copy_checked(file.file, file.digest, copy_of(file, folder));
  for (const auto& file : files) files::write_whole_file((folder / file.name).string(), file.text);
  return folder;
}

std::vector<Submission> read_submissions(const fs::path& submissions) {
  std::vector<Submission> records;
  std::error_code error;
  for (fs::directory_iterator entry(submissions, error), end; !error && entry != end;
       entry.increment(error))
    if (auto record = read_submission(entry->path())) records.push_back(std::move(*record));
  std::ranges::sort(records, {}, &Submission::number);
  return records;
}

std::vector<Submission> submissions_in_queue(const fs::path& submissions) {
  auto found = read_submissions(submissions);
  if (const auto queue = queued_jobs(ids_of(found)))
    for (auto& submission : found) submission.queue = count(submission, *queue);
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
