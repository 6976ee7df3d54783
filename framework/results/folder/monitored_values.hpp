#pragma once

#include <optional>

#include "experiment/monitored_metrics.hpp"
#include "results/records.hpp"

/// What a trial records of the metrics that decide something.
namespace varia::results {

/// Checks that a trial records a metric as one number. What a metric of the experiment records may
/// be missing at epochs at which it is not due.
/// @param record epoch 0: only its names are those of an epoch, without the experiment's metrics
/// @throws ConfigError naming the metrics that it records
void require_recorded(const experiment::MonitoredMetric& monitored, const experiment::Trial& trial,
                      const EpochRecord& record);

/// The value of a metric in a record, by "split/name"; nullopt if it was not measured then, or is
/// not one number.
std::optional<double> recorded_value(const EpochRecord& record, const std::string& metric);

}  // namespace varia::results
