#include "cluster/slurm.hpp"

#include <fmt/format.h>

#include <set>
#include <sstream>

#include "cluster/shell.hpp"

namespace varia::cluster {

std::optional<std::int64_t> parse_number(const std::string& text) {
  const bool is_number = !text.empty() && text.size() <= 18 &&
                         text.find_first_not_of("0123456789") == std::string::npos;
  return is_number ? std::optional(std::stoll(text)) : std::nullopt;
}

std::optional<std::int64_t> parse_max_array_size(const std::string& config) {
  std::istringstream lines(config);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string key, equals;
    std::int64_t size = 0;
    // 0 switches arrays off; a size of 1 lets index 0 alone.
    if (words >> key >> equals >> size && key == "MaxArraySize" && equals == "=" && size > 0)
      return size;
  }
  return std::nullopt;
}

std::int64_t max_array_size() {
  constexpr std::int64_t kUsual = 1001;
  const auto config = run_command({"scontrol", "show", "config"});
  if (!config || config->code != 0) return kUsual;
  return parse_max_array_size(config->out).value_or(kUsual);
}

std::vector<QueuedJob> parse_queue(const std::string& lines) {
  static const std::set<std::string> waiting{"PENDING",      "CONFIGURING", "REQUEUED",
                                             "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT"};
  std::vector<QueuedJob> jobs;
  std::istringstream stream(lines);
  for (std::string line; std::getline(stream, line);) {
    std::istringstream fields(line);
    std::string id, task, state;
    std::getline(fields, id, '|');
    std::getline(fields, task, '|');
    fields >> state;
    if (parse_number(id) && !state.empty())
      jobs.push_back({id, parse_number(task), !waiting.contains(state)});
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
