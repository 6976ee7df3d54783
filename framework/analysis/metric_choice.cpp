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

std::string ranking_metric(const results::Results& results, const std::string& metric) {
  if (!metric.starts_with("test/")) return metric;
  return validation_metric(results, metric).value_or(metric);
}

const results::MetricColumn& scalar_metric(const results::Results& results,
                                           const std::string& metric) {
  const auto& all = results.metrics();
  const auto column = std::ranges::find(all, metric, &results::MetricColumn::name);
  const auto known = scalar_metrics(results);
  if (column == all.end())
    throw ConfigError(fmt::format("{} has no metric '{}'. {}", results.path(), metric,
                                  suggestion(metric, known)));
  if (!column->shape.empty())
    throw ConfigError(
        fmt::format("{}: metric '{}' is an array. Expected one that is a single number. {}",
                    results.path(), metric, suggestion(metric, known)));
  return *column;
}

Better order_of(const results::Results& results, const results::MetricColumn& metric,
                Better asked) {
  const auto order = asked == Better::neither ? metric.info.better : asked;
  if (order == Better::neither)
    throw ConfigError(fmt::format(
        "{}: metric '{}' does not declare whether higher or lower values are better. Say it: "
        "--order higher or --order lower",
        results.path(), metric.name));
  return order;
}

bool ranks_before(double a, double b, Better better) {
  if (std::isnan(a) || std::isnan(b)) return !std::isnan(a) && std::isnan(b);
  return better == Better::higher ? a > b : a < b;
}

std::optional<std::string> validation_metric(const results::Results& results,
                                             const std::string& metric) {
  const auto twin = "validation" + metric.substr(metric.find('/'));
  if (!has_values(results, twin)) return std::nullopt;
  return twin;
}

}  // namespace varia::analysis
