#pragma once

#include <optional>
#include <string>
#include <vector>

#include "results/merged/results.hpp"

namespace varia::analysis {

/// The metrics that are single numbers, in the order of the file.
std::vector<std::string> scalar_metrics(const results::Results& results);

/// "test/elbo", the unweighted bound, which settings of every loss have in common; where no trial
/// has one: validation/elbo, then the loss of test, validation or training, then any; "" without
/// metrics.
std::string default_metric(const results::Results& results);

/// @throws ConfigError where the file has no such metric, or it is not a single number
void require_scalar_metric(const results::Results& results, const std::string& metric);

/// The metric of the validation split with the same name; nothing where no trial has a value of it.
std::optional<std::string> validation_metric(const results::Results& results,
                                             const std::string& metric);

}  // namespace varia::analysis
