#include "sweep/searched_metric.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace varia::sweep {

void require_metric(const experiment::Search& search, const experiment::Trial& trial,
                    const store::EpochRecord& record) {
  const auto name = search.metric.substr(search.metric.find('/') + 1);
  const auto split = record.metrics.find("validation");
  std::vector<std::string> known;
  if (split != record.metrics.end())
    for (const auto& [metric, value] : split->second) {
      if (!value.shape.empty()) continue;
      if (metric == name) return;
      known.push_back("validation/" + metric);
    }
  const auto& entries = *trial.metrics;
  if (std::any_of(entries.begin(), entries.end(),
                  [&](const auto& entry) { return entry.name == name; }))
    return;
  throw ConfigError(search.metric_where,
                    fmt::format("search: trial {} records no '{}', or not as one number. {}",
                                trial.id, search.metric, suggestion(search.metric, known)));
}

}  // namespace varia::sweep
