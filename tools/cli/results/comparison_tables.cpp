#include "cli/results/comparison_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/results/comparison_text.hpp"
#include "cli/results/parameter_json.hpp"
#include "cli/terminal/delimited.hpp"

namespace varia::cli {

namespace {

using analysis::ComparedSetting;
using analysis::Comparison;
using analysis::Estimate;
using nlohmann::json;
using results::number_json;

const char* estimate_name(const statistics::Summary& summary) {
  return summary.kind == statistics::Centre::mean ? "mean" : "interquartile mean";
}

/// The columns of one line of CSV that are the same for every file: names and cells.
std::vector<std::pair<std::string, std::string>> csv_columns(const Comparison& comparison,
                                                             const ComparedSetting& setting,
                                                             std::size_t metric) {
  const auto& estimate = setting.estimates[metric];
  const auto& summary = estimate.summary;
  const auto missing = estimate.sample.missing();
  // What is NaN becomes an empty cell.
  const auto difference = estimate.difference.value_or(statistics::PairedDifference());
  const auto over_images = estimate.image_difference.value_or(analysis::ImageDifference());
  const auto reference =
      setting.reference ? full_name(comparison, comparison.settings[*setting.reference]) : "";
  return {{"rank", setting.rank > 0 ? std::to_string(setting.rank) : ""},
          {"class", csv_text(comparison.classes[setting.class_index])},
          {"metric", csv_text(comparison.metrics[metric].name)},
          {"units", csv_text(comparison.metrics[metric].info.units)},
          {"estimate", summary.count > 0 ? estimate_name(summary) : ""},
          {"value", csv_number(summary.centre)},
          {"low", csv_number(summary.interval.low)},
          {"high", csv_number(summary.interval.high)},
          {"n", std::to_string(summary.count)},
          {"failed", std::to_string(missing.failed)},
          {"partial", std::to_string(missing.partial)},
          {"missing", std::to_string(missing.absent)},
          {"without_value", std::to_string(missing.without_value)},
          {"ranked_by", csv_text(comparison.ranked_by)},
          {"rank_value", csv_number(setting.rank_summary.centre)},
          {"front", comparison.metrics.size() != 2 ? ""
                    : setting.on_front             ? "1"
                                                   : "0"},
          {"reference", csv_text(reference)},
          {"difference", csv_number(difference.centre)},
          {"difference_low", csv_number(difference.interval.low)},
          {"difference_high", csv_number(difference.interval.high)},
          {"pairs", estimate.difference ? std::to_string(difference.pairs) : ""},
          {"p", csv_number(difference.p)},
          {"p_holm", csv_number(estimate.corrected_p)},
          {"smallest_p", csv_number(difference.smallest_p)},
          {"images", estimate.image_difference ? std::to_string(over_images.images) : ""},
          {"image_difference", csv_number(over_images.mean)},
          {"image_difference_low", csv_number(over_images.interval.low)},
          {"image_difference_high", csv_number(over_images.interval.high)}};
}

json interval(const statistics::Interval& interval) {
  return std::isnan(interval.low) ? json()
                                  : json({number_json(interval.low), number_json(interval.high)});
}

json difference_json(const Estimate& estimate) {
  if (!estimate.difference) return {};
  const auto& difference = *estimate.difference;
  return {{"value", number_json(difference.centre)},
          {"interval", interval(difference.interval)},
          {"pairs", difference.pairs},
          {"p", number_json(difference.p)},
          {"exact", difference.exact},
          {"p_holm", number_json(estimate.corrected_p)},
          {"smallest_p", number_json(difference.smallest_p)}};
}

json image_difference_json(const Estimate& estimate) {
  if (!estimate.image_difference) return {};
  const auto& difference = *estimate.image_difference;
  return {{"images", difference.images},
          {"mean", number_json(difference.mean)},
          {"interval", interval(difference.interval)}};
}

json seeds_json(const Comparison& comparison, const analysis::Sample& sample) {
  auto seeds = json::array();
  for (const auto& place : sample.places) {
    for (const auto& replicate : place.list) {
      seeds.push_back({{"replicate", replicate.number},
                       {"seed", replicate.seed},
                       {"value", number_json(replicate.value)}});
      if (sample.is_pooled) seeds.back()["pooled"] = parameters_json(comparison.over, place.pooled);
    }
  }
  return seeds;
}

json estimate_json(const Comparison& comparison, std::size_t metric, const Estimate& estimate) {
  const auto missing = estimate.sample.missing();
  return {{"metric", comparison.metrics[metric].name},
          {"estimate", estimate_name(estimate.summary)},
          {"value", number_json(estimate.summary.centre)},
          {"interval", interval(estimate.summary.interval)},
          {"n", estimate.summary.count},
          {"missing_values",
           {{"failed", missing.failed},
            {"partial", missing.partial},
            {"missing", missing.absent},
            {"without_value", missing.without_value}}},
          {"seeds", seeds_json(comparison, estimate.sample)},
          {"difference", difference_json(estimate)},
          {"image_difference", image_difference_json(estimate)}};
}

}  // namespace

std::string comparison_csv(const Comparison& comparison) {
  std::string header, lines;
  for (const auto& setting : comparison.settings) {
    for (std::size_t m = 0; m < comparison.metrics.size(); ++m) {
      const auto columns = csv_columns(comparison, setting, m);
      std::vector<std::string> names, cells;
      const auto add = [&](const std::vector<std::string>& keys,
                           const std::vector<std::string>& values) {
        for (std::size_t k = 0; k < keys.size(); ++k) {
          const bool is_taken = std::ranges::any_of(
              columns, [&](const auto& column) { return column.first == keys[k]; });
          names.push_back(csv_text((is_taken ? "parameter " : "") + keys[k]));
          cells.push_back(csv_text(values[k]));
        }
      };
      add(comparison.keys, setting.values);
      add(comparison.best, setting.chosen);
      for (const auto& [name, cell] : columns) {
        names.push_back(name);
        cells.push_back(cell);
      }
      header = fmt::format("{}\r\n", fmt::join(names, ","));
      lines += fmt::format("{}\r\n", fmt::join(cells, ","));
    }
  }
  return header + lines;
}

json comparison_json(const results::Results& results, const Comparison& comparison) {
  auto metrics = json::array();
  for (const auto& metric : comparison.metrics)
    metrics.push_back({{"name", metric.name},
                       {"units", metric.info.units},
                       {"order", better_text(metric.info.better)}});
  auto settings = json::array();
  for (const auto& setting : comparison.settings) {
    auto ids = json::array();
    for (const auto trial : setting.trials) ids.push_back(results.trials()[trial].id);
    auto estimates = json::array();
    for (std::size_t m = 0; m < comparison.metrics.size(); ++m)
      estimates.push_back(estimate_json(comparison, m, setting.estimates[m]));
    settings.push_back({{"setting", parameters_json(comparison.keys, setting.values)},
                        {"best", parameters_json(comparison.best, setting.chosen)},
                        {"class", setting.class_index},
                        {"rank", setting.rank > 0 ? json(setting.rank) : json()},
                        {"rank_value", number_json(setting.rank_summary.centre)},
                        {"trials", ids},
                        {"reference", setting.reference ? json(*setting.reference) : json()},
                        {"front", comparison.metrics.size() == 2 ? json(setting.on_front) : json()},
                        {"estimates", estimates}});
  }
  return {{"experiment", results.experiment().name},
          {"trials", comparison.trials},
          {"metrics", metrics},
          {"ranked_by", comparison.ranked_by},
          {"keys", comparison.keys},
          {"over", comparison.over},
          {"best", comparison.best},
          {"classes", comparison.classes},
          {"settings", settings},
          {"notes", comparison.notes}};
}

}  // namespace varia::cli
