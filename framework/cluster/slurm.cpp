#include "cluster/slurm.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <regex>
#include <set>
#include <sstream>

#include "cluster/shell.hpp"

namespace varia::cluster {

std::optional<std::int64_t> parse_max_array_size(const std::string& config) {
  static const std::regex line("(?:^|\n)MaxArraySize\\s*=\\s*([0-9]{1,9})");
  std::smatch match;
  if (!std::regex_search(config, match, line)) return std::nullopt;
  const auto size = std::stoll(match[1].str());
  // 0 switches arrays off; a size of 1 lets index 0 alone.
  return size > 0 ? std::optional<std::int64_t>(size) : std::nullopt;
}

std::int64_t max_array_size() {
  constexpr std::int64_t usual = 1001;
  const auto config = run_command({"scontrol", "show", "config"});
  if (!config || config->code != 0) return usual;
  return parse_max_array_size(config->out).value_or(usual);
}

std::vector<QueuedJob> parse_queue(const std::string& lines) {
  static const std::regex form(R"(([0-9]+)\|([0-9]+|[A-Za-z/() ]*)\|([A-Z_]+)\s*)");
  static const std::set<std::string> waiting{"PENDING",      "CONFIGURING", "REQUEUED",
                                             "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT"};
  std::vector<QueuedJob> jobs;
  std::istringstream stream(lines);
  for (std::string line; std::getline(stream, line);) {
    std::smatch match;
    if (!std::regex_match(line, match, form)) continue;
    QueuedJob job{match[1].str(), std::nullopt, waiting.count(match[3].str()) == 0};
    const std::string task = match[2].str();
    if (!task.empty() && task.size() < 10 && std::isdigit(static_cast<unsigned char>(task[0])))
      job.task = std::stoll(task);
    jobs.push_back(std::move(job));
  }
  return jobs;
}

std::optional<std::vector<QueuedJob>> queued_jobs(const std::vector<std::string>& ids) {
  if (ids.empty()) return std::vector<QueuedJob>{};
  const auto outcome = run_command({"squeue", "--noheader", "--array", "--format=%F|%K|%T",
                                    fmt::format("--jobs={}", fmt::join(ids, ","))});
  if (!outcome) return std::nullopt;
  // It forgets jobs some minutes after their end.
  if (outcome->code != 0 && outcome->err.find("Invalid job id") != std::string::npos)
    return std::vector<QueuedJob>{};
  if (outcome->code != 0) return std::nullopt;
  return parse_queue(outcome->out);
}

}  // namespace varia::cluster
