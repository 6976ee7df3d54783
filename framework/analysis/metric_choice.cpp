#include "analysis/metric_choice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "varia/error.hpp"
#include "varia/value.hpp"

namespace varia::analysis {

namespace {

bool has_values(const results::Results& results, const std::string& metric) {
  const auto known = scalar_metrics(results);
  if (std::find(known.begin(), known.end(), metric) == known.end()) return false;
  const auto values = results.final_values(metric);
  return std::any_of(values.begin(), values.end(), [](double value) { return !std::isnan(value); });
}

}  // namespace

std::vector<std::string> scalar_metrics(const results::Results& results) {
  std::vector<std::string> names;
  for (const auto& metric : results.metrics())
    if (metric.shape.empty()) names.push_back(metric.name);
  return names;
}

std::string default_metric(const results::Results& results) {
  for (const auto* name :
       {"test/elbo", "validation/elbo", "test/loss", "validation/loss", "train/loss"})
    if (has_values(results, name)) return name;
  const auto known = scalar_metrics(results);
  return known.empty() ? "" : known.front();
}

void require_scalar_metric(const results::Results& results, const std::string& metric) {
  const auto known = scalar_metrics(results);
  if (std::find(known.begin(), known.end(), metric) != known.end()) return;
  for (const auto& column : results.metrics())
    if (column.name == metric)
      throw ConfigError(
          fmt::format("{}: metric '{}' is an array. Expected one that is a single number. {}",
                      results.path(), metric, suggestion(metric, known)));
  throw ConfigError(
      fmt::format("{} has no metric '{}'. {}", results.path(), metric, suggestion(metric, known)));
}

std::optional<std::string> validation_metric(const results::Results& results,
                                             const std::string& metric) {
  const auto twin = "validation" + metric.substr(metric.find('/'));
  if (!has_values(results, twin)) return std::nullopt;
  return twin;
}

}  // namespace varia::analysis
