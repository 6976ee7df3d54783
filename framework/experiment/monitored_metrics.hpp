#pragma once

#include <string>
#include <vector>

#include "experiment/list_entry.hpp"
#include "experiment/params/search_params.hpp"
#include "experiment/trial.hpp"

/// Metrics of the validation split that choose something: the trials that a search continues, the
/// epoch at which a trial ends (`train.stop`), the epoch whose parameters it keeps (`train.keep`),
/// the value of a schedule that follows a metric.
namespace varia::experiment {

/// True for "validation/elbo" and the like.
bool is_validation_metric(const std::string& metric);

MonitoredMetric monitored_metric(const Search& search);
/// Those that a trial itself depends on.
std::vector<MonitoredMetric> monitored_metrics(const Trial& trial);

/// Checks that a trial measures what it monitors, and sets samples aside to measure it on.
/// @throws ConfigError
void require_monitored(const Trial& trial);
/// Checks that a search can select: every trial sets samples aside for validation, and a metric
/// that the experiment asks for is measured when it is compared.
/// @throws ConfigError
void require_comparable(const Search& search, const std::vector<Trial>& trials);

/// What the trial's training depends on by what it monitors, as a part of its identity:
/// `train.stop` and `train.keep`, the metrics that they name with their parameters, and the seed
/// that evaluations draw from. Null if it depends on none; `keep: best` is no part of it.
Value monitored_identity(const Trial& trial, std::int64_t experiment_seed);

}  // namespace varia::experiment
