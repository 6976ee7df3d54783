#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/results/comparison_tables.hpp"

namespace varia::cli {

namespace {

using analysis::ComparedSetting;
using analysis::Comparison;
using analysis::Estimate;
using nlohmann::json;

json number(double value) { return std::isfinite(value) ? json(value) : json(); }

json interval(const statistics::Interval& interval) {
  return std::isnan(interval.low) ? json() : json({number(interval.low), number(interval.high)});
}

json pairs(const std::vector<std::string>& keys, const std::vector<std::string>& values) {
  json object = json::object();
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (!values[i].empty()) object[keys[i]] = values[i];
  return object;
}

json difference_json(const Estimate& estimate) {
  if (!estimate.difference) return {};
  const auto& difference = *estimate.difference;
  return {{"mean", number(difference.mean)},
          {"interval", interval(difference.interval)},
          {"pairs", difference.pairs},
          {"p", number(difference.p)},
          {"exact", difference.exact},
          {"p_holm", number(estimate.corrected_p)},
          {"smallest_p", number(difference.smallest_p)}};
}

json seeds_json(const Comparison& comparison, const analysis::Sample& sample) {
  auto seeds = json::array();
  for (const auto& place : sample.places) {
    for (const auto& replicate : place.replicates.list) {
      seeds.push_back({{"replicate", replicate.number},
                       {"seed", replicate.seed},
                       {"value", number(replicate.value)}});
      if (sample.is_pooled) seeds.back()["pooled"] = pairs(comparison.over, place.pooled);
    }
  }
  return seeds;
}

json estimate_json(const Comparison& comparison, std::size_t metric, const Estimate& estimate) {
  const auto holes = estimate.sample.holes();
  const bool is_mean = estimate.summary.kind == statistics::Centre::mean;
  return {{"metric", comparison.metrics[metric].name},
          {"estimate", is_mean ? "mean" : "interquartile mean"},
          {"value", number(estimate.summary.centre)},
          {"interval", interval(estimate.summary.interval)},
          {"n", estimate.summary.count},
          {"holes",
           {{"failed", holes.failed},
            {"partial", holes.partial},
            {"missing", holes.missing},
            {"without_value", holes.without_value}}},
          {"seeds", seeds_json(comparison, estimate.sample)},
          {"difference", difference_json(estimate)}};
}

}  // namespace

std::string comparison_json(const results::Results& results, const Comparison& comparison) {
  auto metrics = json::array();
  for (const auto& metric : comparison.metrics)
    metrics.push_back(
        {{"name", metric.name}, {"units", metric.units}, {"order", better_text(metric.better)}});
  auto settings = json::array();
  for (const auto& setting : comparison.settings) {
    auto ids = json::array();
    for (const auto trial : setting.trials) ids.push_back(results.trials()[trial].id);
    auto estimates = json::array();
    for (std::size_t m = 0; m < comparison.metrics.size(); ++m)
      estimates.push_back(estimate_json(comparison, m, setting.estimates[m]));
    settings.push_back({{"setting", pairs(comparison.keys, setting.values)},
                        {"best", pairs(comparison.best, setting.chosen)},
                        {"class", setting.class_index},
                        {"rank", setting.rank > 0 ? json(setting.rank) : json()},
                        {"rank_value", number(setting.rank_summary.centre)},
                        {"trials", ids},
                        {"reference", setting.reference ? json(*setting.reference) : json()},
                        {"front", comparison.metrics.size() == 2 ? json(setting.on_front) : json()},
                        {"estimates", estimates}});
  }
  const json document = {{"experiment", results.experiment().name},
                         {"trials", comparison.trials},
                         {"metrics", metrics},
                         {"ranked_by", comparison.ranked_by},
                         {"keys", comparison.keys},
                         {"over", comparison.over},
                         {"best", comparison.best},
                         {"classes", comparison.classes},
                         {"settings", settings},
                         {"notes", comparison.notes}};
  // Text in a file need not be UTF-8.
  return document.dump(2, ' ', false, json::error_handler_t::replace);
}

}  // namespace varia::cli
