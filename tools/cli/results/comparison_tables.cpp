#include "cli/results/comparison_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/results/comparison_text.hpp"
#include "cli/terminal/delimited.hpp"

namespace varia::cli {

namespace {

using analysis::ComparedSetting;
using analysis::Comparison;
using analysis::Estimate;
using nlohmann::json;
using results::number_json;

constexpr std::array kColumns = {"rank",
                                 "class",
                                 "metric",
                                 "units",
                                 "estimate",
                                 "value",
                                 "low",
                                 "high",
                                 "n",
                                 "failed",
                                 "partial",
                                 "missing",
                                 "without_value",
                                 "ranked_by",
                                 "rank_value",
                                 "front",
                                 "reference",
                                 "difference",
                                 "difference_low",
                                 "difference_high",
                                 "pairs",
                                 "p",
                                 "p_holm",
                                 "smallest_p"};

std::string key_column(const std::string& key) {
  const bool is_taken = std::find(kColumns.begin(), kColumns.end(), key) != kColumns.end();
  return csv_text(is_taken ? "parameter " + key : key);
}

const char* estimate_name(const statistics::Summary& summary) {
  if (summary.count == 0) return "";
  return summary.kind == statistics::Centre::mean ? "mean" : "interquartile mean";
}

std::string csv_line(const std::vector<std::string>& cells) {
  return fmt::format("{}\r\n", fmt::join(cells, ","));
}

std::vector<std::string> csv_cells(const Comparison& comparison, const ComparedSetting& setting,
                                   std::size_t metric) {
  std::vector<std::string> cells;
  for (const auto& value : setting.values) cells.push_back(csv_text(value));
  for (const auto& value : setting.chosen) cells.push_back(csv_text(value));
  const auto& estimate = setting.estimates[metric];
  const auto& summary = estimate.summary;
  const auto missing = estimate.sample.missing();
  cells.push_back(setting.rank > 0 ? std::to_string(setting.rank) : "");
  cells.push_back(csv_text(comparison.classes[setting.class_index]));
  cells.push_back(csv_text(comparison.metrics[metric].name));
  cells.push_back(csv_text(comparison.metrics[metric].info.units));
  cells.emplace_back(estimate_name(summary));
  for (const double number : {summary.centre, summary.interval.low, summary.interval.high})
    cells.push_back(csv_number(number));
  for (const auto count :
       {summary.count, missing.failed, missing.partial, missing.absent, missing.without_value})
    cells.push_back(std::to_string(count));
  cells.push_back(csv_text(comparison.ranked_by));
  cells.push_back(csv_number(setting.rank_summary.centre));
  cells.emplace_back(comparison.metrics.size() != 2 ? "" : setting.on_front ? "1" : "0");
  cells.push_back(setting.reference
                      ? csv_text(full_name(comparison, comparison.settings[*setting.reference]))
                      : "");
  if (!estimate.difference) {
    cells.resize(cells.size() + 7);
    return cells;
  }
  const auto& difference = *estimate.difference;
  for (const double number : {difference.mean, difference.interval.low, difference.interval.high})
    cells.push_back(csv_number(number));
  cells.push_back(std::to_string(difference.pairs));
  for (const double number : {difference.p, estimate.corrected_p, difference.smallest_p})
    cells.push_back(csv_number(number));
  return cells;
}

/// In mathematics: "-0.25", "1.5 \\times 10^{-5}".
std::string latex_digits(double number, int digits) {
  const auto text = fmt::format("{:.{}g}", number, digits);
  const auto exponent = text.find('e');
  if (exponent == std::string::npos) return text;
  return fmt::format("{} \\times 10^{{{}}}", text.substr(0, exponent),
                     std::stoi(text.substr(exponent + 1)));
}

std::string latex_number(double number, int digits = 5) {
  return std::isfinite(number) ? fmt::format("${}$", latex_digits(number, digits)) : "--";
}

std::string latex_interval(const statistics::Interval& interval) {
  return std::isnan(interval.low) ? "--"
                                  : fmt::format("$[{}, {}]$", latex_digits(interval.low, 5),
                                                latex_digits(interval.high, 5));
}

std::string latex_row(const Comparison& comparison, const ComparedSetting& setting,
                      bool with_differences) {
  std::vector<std::string> cells;
  for (const auto& value : setting.values) cells.push_back(latex_text(value));
  if (comparison.keys.empty()) cells.emplace_back("all trials");
  for (const auto& value : setting.chosen) cells.push_back(latex_text(value));
  for (const auto& estimate : setting.estimates) {
    cells.push_back(latex_number(estimate.summary.centre));
    cells.push_back(latex_interval(estimate.summary.interval));
    const auto missing = estimate.sample.missing().total();
    cells.push_back(std::to_string(estimate.summary.count) +
                    (missing > 0 ? fmt::format(" ({} missing)", missing) : ""));
  }
  if (with_differences) {
    const auto& estimate = setting.estimates.front();
    cells.push_back(estimate.difference ? latex_number(estimate.difference->mean) : "--");
    cells.push_back(latex_number(estimate.corrected_p, 2));
  }
  return fmt::format("  {} \\\\\n", fmt::join(cells, " & "));
}

json interval(const statistics::Interval& interval) {
  return std::isnan(interval.low) ? json()
                                  : json({number_json(interval.low), number_json(interval.high)});
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
  return {{"mean", number_json(difference.mean)},
          {"interval", interval(difference.interval)},
          {"pairs", difference.pairs},
          {"p", number_json(difference.p)},
          {"exact", difference.exact},
          {"p_holm", number_json(estimate.corrected_p)},
          {"smallest_p", number_json(difference.smallest_p)}};
}

json seeds_json(const Comparison& comparison, const analysis::Sample& sample) {
  auto seeds = json::array();
  for (const auto& place : sample.places) {
    for (const auto& replicate : place.list) {
      seeds.push_back({{"replicate", replicate.number},
                       {"seed", replicate.seed},
                       {"value", number_json(replicate.value)}});
      if (sample.is_pooled) seeds.back()["pooled"] = pairs(comparison.over, place.pooled);
    }
  }
  return seeds;
}

json estimate_json(const Comparison& comparison, std::size_t metric, const Estimate& estimate) {
  const auto missing = estimate.sample.missing();
  const bool is_mean = estimate.summary.kind == statistics::Centre::mean;
  return {{"metric", comparison.metrics[metric].name},
          {"estimate", is_mean ? "mean" : "interquartile mean"},
          {"value", number_json(estimate.summary.centre)},
          {"interval", interval(estimate.summary.interval)},
          {"n", estimate.summary.count},
          {"missing_values",
           {{"failed", missing.failed},
            {"partial", missing.partial},
            {"missing", missing.absent},
            {"without_value", missing.without_value}}},
          {"seeds", seeds_json(comparison, estimate.sample)},
          {"difference", difference_json(estimate)}};
}

}  // namespace

std::string comparison_csv(const Comparison& comparison) {
  std::vector<std::string> header;
  for (const auto* keys : {&comparison.keys, &comparison.best})
    for (const auto& key : *keys) header.push_back(key_column(key));
  header.insert(header.end(), kColumns.begin(), kColumns.end());
  auto text = csv_line(header);
  for (const auto& setting : comparison.settings)
    for (std::size_t m = 0; m < comparison.metrics.size(); ++m)
      text += csv_line(csv_cells(comparison, setting, m));
  return text;
}

std::string comparison_latex(const Comparison& comparison) {
  const bool with_differences = comparison.metrics.size() == 1 && tests_of(comparison).tests > 0;
  std::vector<std::string> header;
  std::string columns;
  for (const auto* keys : {&comparison.keys, &comparison.best}) {
    for (const auto& key : *keys) header.push_back(latex_text(key));
    columns += std::string(keys->size(), 'l');
  }
  if (comparison.keys.empty()) {
    header.insert(header.begin(), "setting");
    columns += "l";
  }
  for (const auto& metric : comparison.metrics) {
    header.insert(header.end(), {latex_text(metric.name), "95\\% interval", "$n$"});
    columns += "rrr";
  }
  if (with_differences) {
    header.insert(header.end(), {"difference", "$p$ (Holm)"});
    columns += "rr";
  }
  std::string text = "% " + latex_text(ranking_text(comparison)) + "\n";
  for (const auto& note : comparison.notes) text += "% " + latex_text(note) + "\n";
  for (std::size_t c = 0; c < comparison.classes.size(); ++c) {
    if (comparison.classes.size() > 1) text += "% " + latex_text(comparison.classes[c]) + "\n";
    text += fmt::format("\\begin{{tabular}}{{{}}}\n  \\toprule\n  {} \\\\\n  \\midrule\n", columns,
                        fmt::join(header, " & "));
    for (const auto& setting : comparison.settings)
      if (setting.class_index == c) text += latex_row(comparison, setting, with_differences);
    text += "  \\bottomrule\n\\end{tabular}\n";
  }
  return text;
}

std::string comparison_json(const results::Results& results, const Comparison& comparison) {
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
    settings.push_back({{"setting", pairs(comparison.keys, setting.values)},
                        {"best", pairs(comparison.best, setting.chosen)},
                        {"class", setting.class_index},
                        {"rank", setting.rank > 0 ? json(setting.rank) : json()},
                        {"rank_value", number_json(setting.rank_summary.centre)},
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
