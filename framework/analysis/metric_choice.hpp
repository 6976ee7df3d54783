#pragma once

#include <optional>
#include <string>
#include <vector>

#include "results/merged/results.hpp"

namespace varia::analysis {

/// The metrics that are single numbers, in the order of the file.
std::vector<std::string> scalar_metrics(const results::Results& results);

/// What a file is judged by unless another metric is named: "test/elbo", the unweighted bound,
/// which settings of every loss have in common; if no trial has one: validation/elbo, then the loss
/// of test, validation or training, then any; "" without metrics.
std::string default_metric(const results::Results& results);

/// What settings or trials are ranked by if they are judged by `metric`: for a metric of the test
/// split that of the validation split, if there is one.
std::string ranking_metric(const results::Results& results, const std::string& metric);

/// @throws ConfigError if the file has no such metric, or it is not a single number
const results::MetricColumn& scalar_metric(const results::Results& results,
                                           const std::string& metric);

/// Which values of a metric rank first.
/// @param asked neither: as the metric declares
/// @throws ConfigError if neither says it
Better order_of(const results::Results& results, const results::MetricColumn& metric, Better asked);

/// Whether a value ranks before another one; NaN ranks last.
bool ranks_before(double a, double b, Better better);

/// The metric of the validation split with the same name; nullopt if no trial has a value of it.
std::optional<std::string> validation_metric(const results::Results& results,
                                             const std::string& metric);

}  // namespace varia::analysis
