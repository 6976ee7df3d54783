#include "experiment/monitored_metrics.hpp"

#include <fmt/format.h>

#include <set>

namespace varia::experiment {

namespace {

constexpr std::string_view kSplit = "validation/";
constexpr const char* kStop = "train: stop";
constexpr const char* kKeep = "train: keep";

bool sets_samples_aside(const Value& data) {
  const auto* folds = data.find("folds");
  if (folds != nullptr && !folds->is_null()) return true;
  const auto* part = data.find("validation");
  return part != nullptr && part->as_real().value_or(0) > 0;
}

/// Successive halving compares at every rung; a metric that is not measured there has no value.
void require_every(const Search& search, const Trial& trial) {
  const auto monitored = monitored_metric(search);
  const auto rung = search.asha()->min_epochs();
  const auto* entry = entry_of(monitored.name(), *trial.metrics);
  if (entry == nullptr) return;
  if (entry->every != ListEntry::kLast && rung % entry->every == 0) return;
  throw ConfigError(monitored.where,
                    fmt::format("search: metrics.{} is not measured at epoch {}, where the search "
                                "first compares; give it every: 1, or another min_epochs",
                                entry->name, rung));
}

}  // namespace

bool is_validation_metric(const std::string& metric) {
  return metric.starts_with(kSplit) && metric.size() > kSplit.size();
}

std::string MonitoredMetric::name() const { return metric.substr(metric.find('/') + 1); }

MonitoredMetric monitored_metric(const Search& search) {
  return {"search", search.metric(), search.metric.where()};
}

std::vector<MonitoredMetric> monitored_metrics(const Trial& trial) {
  const auto& train = *trial.train;
  auto metrics = trial.followed;
  if (train.stop.given())
    metrics.push_back({kStop, train.stop().metric(), train.stop().metric.where()});
  if (const auto metric = train.keep_metric(); !metric.empty())
    metrics.push_back({kKeep, metric, train.keep.where()});
  return metrics;
}

void require_monitored(const Trial& trial) {
  for (const auto& monitored : monitored_metrics(trial)) {
    const bool is_keep = monitored.user == kKeep;
    if (!sets_samples_aside(*trial.data))
      throw ConfigError(
          monitored.where,
          fmt::format("{}: {} needs a validation split to choose by; set "
                      "data.validation{}",
                      monitored.user, is_keep ? trial.train->keep() : monitored.metric,
                      is_keep ? ", or keep: last" : " (or data.folds)"));
    const auto* entry = entry_of(monitored.name(), *trial.metrics);
    if (entry != nullptr && entry->every == ListEntry::kLast)
      throw ConfigError(monitored.where,
                        fmt::format("{}: metrics.{} is measured after the last epoch alone; give "
                                    "it every: 1",
                                    monitored.user, entry->name));
  }
}

void require_comparable(const Search& search, const std::vector<Trial>& trials) {
  std::set<const void*> checked;
  for (const auto& trial : trials) {
    if (search.asha() != nullptr && checked.insert(trial.metrics.get()).second)
      require_every(search, trial);
    if (!checked.insert(trial.data.get()).second || sets_samples_aside(*trial.data)) continue;
    throw ConfigError(search.where,
                      fmt::format("search: trial {} sets no samples aside to select by; give "
                                  "data.validation (or data.folds)",
                                  trial.id));
  }
}

Value monitored_identity(const Trial& trial, std::int64_t experiment_seed) {
  const auto& train = *trial.train;
  auto identity = Value::map();
  if (train.stop.given()) identity.set("stop", train.stop.resolved());
  if (is_validation_metric(train.keep())) identity.set("keep", train.keep.resolved());
  if (identity.entries().empty() && trial.followed.empty()) return {};
  std::set<const ListEntry*> measured;
  for (const auto& monitored : monitored_metrics(trial))
    measured.insert(entry_of(monitored.name(), *trial.metrics));
  auto metrics = Value::list();
  for (const auto& entry : *trial.metrics)
    if (measured.contains(&entry)) metrics.push(entry_value(entry));
  identity.set("metrics", std::move(metrics));
  if (train.steps.has_value()) identity.set("evaluate_every", train.evaluate_every.resolved());
  identity.set("seed", Value::integer(experiment_seed));
  return identity;
}

}  // namespace varia::experiment
