#include "analysis/ranking.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "analysis/udr.hpp"
#include "varia/error.hpp"
#include "varia/value.hpp"

namespace varia::analysis {

namespace {

bool has_values(const results::Results& results, const std::string& metric) {
  const auto known = scalar_metrics(results);
  if (std::ranges::find(known, metric) == known.end()) return false;
  const auto values = final_values(results, metric);
  return std::ranges::any_of(values, [](double value) { return !std::isnan(value); });
}

constexpr std::array kTrainingImages = {"data.batch",      "data.shuffle",   "data.sample_size",
                                        "data.stratify",   "data.folds",     "data.fold",
                                        "data.validation", "data.split_seed"};

bool is_data(const std::string& key) {
  return key == "data" || (key.starts_with("data.") &&
                           std::ranges::find(kTrainingImages, key) == kTrainingImages.end());
}

/// Whether one of the parts of a dotted key is "likelihood".
bool is_likelihood(const std::string& key) {
  return ("." + key + ".").find(".likelihood.") != std::string::npos;
}

bool is_loss(const std::string& key) { return key == "loss" || key.starts_with("loss."); }

}  // namespace

std::vector<std::string> scalar_metrics(const results::Results& results) {
  std::vector<std::string> names;
  for (const auto& metric : results.metrics())
    if (metric.shape.empty()) names.push_back(metric.name);
  for (const auto& metric : udr_metrics(results)) names.push_back(metric.name);
  return names;
}

std::vector<double> final_values(const results::Results& results, const std::string& metric) {
  return is_udr_metric(results, metric) ? udr_scores(results, metric)
                                        : results.final_values(metric);
}

std::string default_metric(const results::Results& results) {
  for (const auto* name : kDefaultMetrics)
    if (has_values(results, name)) return name;
  const auto known = scalar_metrics(results);
  return known.empty() ? "" : known.front();
}

std::string ranking_metric(const results::Results& results, const std::string& metric) {
  if (!metric.starts_with("test/")) return metric;
  return validation_metric(results, metric).value_or(metric);
}

const results::Column& metric_column(const results::Results& results, const std::string& metric) {
  const auto& all = results.metrics();
  const auto column = std::ranges::find(all, metric, &results::Column::name);
  if (column != all.end()) return *column;
  std::vector<std::string> known;
  for (const auto& other : all) known.push_back(other.name);
  for (const auto& other : udr_metrics(results)) known.push_back(other.name);
  throw ConfigError(
      fmt::format("{} has no metric '{}'. {}", results.path(), metric, suggestion(metric, known)));
}

results::Column scalar_metric(const results::Results& results, const std::string& metric,
                              Better asked) {
  const auto derived = udr_metrics(results);
  const auto found = std::ranges::find(derived, metric, &results::Column::name);
  auto column = found != derived.end() ? *found : metric_column(results, metric);
  if (!column.shape.empty())
    throw ConfigError(
        fmt::format("{}: metric '{}' is an array. Expected one that is a single number. {}",
                    results.path(), metric, suggestion(metric, scalar_metrics(results))));
  if (asked != Better::neither) column.info.better = asked;
  if (column.info.better == Better::neither)
    throw ConfigError(fmt::format(
        "{}: metric '{}' does not declare whether higher or lower values are better. Say it: "
        "--order higher or --order lower",
        results.path(), metric));
  return column;
}

bool ranks_before(double a, double b, Better better) {
  if (std::isnan(a) || std::isnan(b)) return !std::isnan(a) && std::isnan(b);
  return better == Better::higher ? a > b : a < b;
}

std::string on_validation(const std::string& metric) {
  return "validation" + metric.substr(metric.find('/'));
}

std::optional<std::string> validation_metric(const results::Results& results,
                                             const std::string& metric) {
  const auto twin = on_validation(metric);
  if (!has_values(results, twin)) return std::nullopt;
  return twin;
}

std::vector<std::size_t> pareto_front(std::span<const double> x, std::span<const double> y,
                                      Better better_x, Better better_y) {
  const auto cost_x = [&](std::size_t i) { return better_x == Better::higher ? -x[i] : x[i]; };
  const auto cost_y = [&](std::size_t i) { return better_y == Better::higher ? -y[i] : y[i]; };
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < x.size(); ++i)
    if (!std::isnan(x[i]) && !std::isnan(y[i])) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return cost_x(a) != cost_x(b) ? cost_x(a) < cost_x(b) : cost_y(a) < cost_y(b);
  });
  std::vector<std::size_t> front;
  for (const std::size_t point : order) {
    const bool is_equal = !front.empty() && cost_x(front.back()) == cost_x(point) &&
                          cost_y(front.back()) == cost_y(point);
    if (front.empty() || is_equal || cost_y(point) < cost_y(front.back())) front.push_back(point);
  }
  return front;
}

std::vector<std::string> comparable_classes(const results::Results& results,
                                            const std::vector<std::string>& metrics) {
  const auto is_compared = [&](const std::string& name) {
    return std::ranges::find(metrics, name) != metrics.end();
  };
  const auto is_likelihood_metric = [](const results::Column& column) {
    return column.info.units == "nats" || column.info.units == "bits";
  };
  std::set<std::string> splits;  // of metrics in nats or bits
  bool by_loss = false;
  for (const auto& column : results.metrics()) {
    if (!is_compared(column.name) || !is_likelihood_metric(column)) continue;
    const auto slash = column.name.find('/');
    splits.insert(column.name.substr(0, slash));
    by_loss |= column.name.substr(slash) == "/loss";
  }
  const bool of_likelihood = !splits.empty();

  std::vector<std::string> classes(results.size());
  const auto add = [&](const std::string& name, const auto& value_of) {
    std::vector<std::string> values;
    for (std::size_t i = 0; i < results.size(); ++i) values.push_back(value_of(i));
    if (std::set<std::string>(values.begin(), values.end()).size() < 2) return;
    for (std::size_t i = 0; i < results.size(); ++i)
      if (!values[i].empty())
        classes[i] += (classes[i].empty() ? "" : ", ") + name + "=" + values[i];
  };
  for (const auto& column : results.parameters()) {
    const bool matters = is_data(column.key) || (of_likelihood && is_likelihood(column.key)) ||
                         (by_loss && is_loss(column.key));
    if (matters) add(column.key, [&](std::size_t trial) { return column.text(trial); });
  }
  for (const auto& column : results.metrics()) {
    const auto split = column.name.substr(0, column.name.find('/'));
    if (column.name != split + "/elbo" || !splits.contains(split)) continue;
    const auto bounds = results.bounds(column.name);
    const auto known =
        std::ranges::find_if(bounds, [](const std::string& bound) { return !bound.empty(); });
    // A trial that failed before its first epoch says nothing of its bound.
    add("bound", [&](std::size_t trial) {
      return bounds[trial].empty() && known != bounds.end() ? *known : bounds[trial];
    });
  }

  return classes;
}

}  // namespace varia::analysis
