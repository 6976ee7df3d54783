#include "sweep/search/search_metric.hpp"

#include <fmt/format.h>

#include <vector>

#include "varia/error.hpp"
#include "varia/value.hpp"

namespace varia::sweep {

void require_metric(const experiment::Search& search, const experiment::Trial& trial,
                    const results::EpochRecord& record) {
  const auto name = search.metric().substr(search.metric().find('/') + 1);
  const auto split = record.metrics.find("validation");
  std::vector<std::string> known;
  if (split != record.metrics.end())
    for (const auto& [metric, value] : split->second) {
      if (!value.shape.empty()) continue;
      if (metric == name) return;
      known.push_back("validation/" + metric);
    }
  // A metric of the experiment may record several values, whose names begin with its own, and not
  // at every epoch.
  const auto last = trial.train->record_count();
  for (const auto& entry : *trial.metrics) {
    const bool is_due = record.epoch > 0 && entry.is_due(record.epoch, last);
    if (!is_due && name.compare(0, entry.name.size(), entry.name) == 0) return;
  }
  throw ConfigError(search.metric.where(),
                    fmt::format("search: trial {} records no '{}', or not as one number. {}",
                                trial.id, search.metric(), suggestion(search.metric(), known)));
}

Better searched_order(const experiment::Search& search, Better declared) {
  const auto order = search.better() != Better::neither ? search.better() : declared;
  if (order == Better::neither)
    throw ConfigError(search.metric.where(),
                      fmt::format("search: '{}' does not declare whether higher or lower values "
                                  "are better. Say it: order: higher or order: lower",
                                  search.metric()));
  return order;
}

std::string no_finite_value(const experiment::Search& search) {
  return fmt::format("search: no trial has a finite value of '{}', so that none could be preferred",
                     search.metric());
}

results::TrialCurve searched_curve(results::ResultsFolder& folder, const experiment::Search& search,
                                   const std::string& id, std::uint64_t ignored) {
  auto curve = folder.curve(id, search.metric(), ignored);
  if (!curve.values.empty() && searched_order(search, curve.better) == Better::higher)
    for (auto& value : curve.values) value = -value;
  return curve;
}

}  // namespace varia::sweep
