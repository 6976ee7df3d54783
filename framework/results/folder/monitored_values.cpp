#include "results/folder/monitored_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "varia/error.hpp"
#include "varia/value.hpp"

namespace varia::results {

void require_recorded(const experiment::MonitoredMetric& monitored, const experiment::Trial& trial,
                      const EpochRecord& record) {
  if (recorded_value(record, monitored.metric)) return;
  const auto last = trial.train->record_count();
  const auto* entry = experiment::entry_of(monitored.name(), *trial.metrics);
  const bool is_due = record.epoch > 0 && entry != nullptr && entry->is_due(record.epoch, last);
  if (entry != nullptr && !is_due) return;
  const auto split = monitored.metric.substr(0, monitored.metric.find('/'));
  std::vector<std::string> known;
  if (const auto found = record.metrics.find(split); found != record.metrics.end())
    for (const auto& [name, value] : found->second)
      if (value.shape.empty()) known.push_back(split + "/" + name);
  throw ConfigError(
      monitored.where,
      fmt::format("{}: trial {} records no '{}', or not as one number. {}", monitored.user,
                  trial.id, monitored.metric, suggestion(monitored.metric, known)));
}

std::optional<double> recorded_value(const EpochRecord& record, const std::string& metric) {
  const auto slash = metric.find('/');
  const auto split = record.metrics.find(metric.substr(0, slash));
  if (split == record.metrics.end()) return std::nullopt;
  const auto found = split->second.find(metric.substr(slash + 1));
  if (found == split->second.end() || !found->second.shape.empty()) return std::nullopt;
  return found->second.values.front();
}

}  // namespace varia::results
