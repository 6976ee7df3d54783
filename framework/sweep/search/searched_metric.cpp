#include "sweep/search/searched_metric.hpp"

#include <fmt/format.h>

#include "varia/error.hpp"

namespace varia::sweep {

void require_metric(const experiment::Search& search, const experiment::Trial& trial,
                    const results::EpochRecord& record) {
  const auto name = search.metric.substr(search.metric.find('/') + 1);
  const auto split = record.metrics.find("validation");
  std::vector<std::string> known;
  if (split != record.metrics.end())
    for (const auto& [metric, value] : split->second) {
      if (!value.shape.empty()) continue;
      if (metric == name) return;
      known.push_back("validation/" + metric);
    }
  // A metric of the experiment may record several values, each with its name before it, and not at
  // every epoch.
  const auto last = trial.train->record_count();
  for (const auto& entry : *trial.metrics) {
    const bool is_due = record.epoch > 0 && entry.is_due(record.epoch, last);
    if (!is_due && name.compare(0, entry.name.size(), entry.name) == 0) return;
  }
  throw ConfigError(search.metric_where,
                    fmt::format("search: trial {} records no '{}', or not as one number. {}",
                                trial.id, search.metric, suggestion(search.metric, known)));
}

}  // namespace varia::sweep
