#include "analysis/udr.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "analysis/settings.hpp"
#include "analysis/statistics/udr.hpp"

namespace varia::analysis {

namespace {

using statistics::CodeCorrelation;
using statistics::ModelCodes;

constexpr std::string_view kCodes = "_codes_per_image";
constexpr std::string_view kDivergences = "_kl";

struct Variant {
  std::string_view ending;
  CodeCorrelation correlation;
};
constexpr Variant kVariants[] = {{"_lasso", CodeCorrelation::lasso},
                                 {"_spearman", CodeCorrelation::spearman}};

bool has_shape(const results::Results& results, const std::string& name, std::size_t axes) {
  const auto& all = results.metrics();
  const auto column = std::ranges::find(all, name, &results::Column::name);
  return column != all.end() && column->shape.size() == axes;
}

/// "test/udr" of "test/udr_codes_per_image"; "" if it is another metric.
std::string udr_name(const results::Results& results, const results::Column& column) {
  if (!column.name.ends_with(kCodes) || column.shape.size() != 2) return "";
  auto name = column.name.substr(0, column.name.size() - kCodes.size());
  return has_shape(results, name + std::string(kDivergences), 1) ? name : "";
}

/// The values of a trial's last epoch, with its own axes.
results::Array last_values(const results::Results& results, const std::string& name,
                           std::size_t trial) {
  auto all = results.metric(name, trial, 1);  // [1, epoch, own axes...]
  results::Array last;
  last.shape.assign(all.shape.begin() + 2, all.shape.end());
  const auto size = static_cast<std::int64_t>(all.values.size()) / all.shape[1];
  const auto first = all.values.begin() + (results.trials()[trial].epochs_done - 1) * size;
  last.values.assign(first, first + size);
  return last;
}

/// Without what other trials have more of, which is NaN; without dimensions if nothing is left.
ModelCodes codes_of(const results::Results& results, const std::string& name, std::size_t trial) {
  if (results.trials()[trial].epochs_done == 0) return {};
  const auto points = last_values(results, name + std::string(kCodes), trial);
  const auto divergences = last_values(results, name + std::string(kDivergences), trial);
  const auto is_number = [](double value) { return std::isfinite(value); };
  const auto width = static_cast<std::size_t>(points.shape.back());
  if (points.values.empty()) return {};
  const auto first_row = points.values.begin() + static_cast<std::ptrdiff_t>(width);
  ModelCodes codes;
  codes.dimensions =
      static_cast<std::size_t>(std::count_if(points.values.begin(), first_row, is_number));
  for (std::size_t i = 0; i + width <= points.values.size(); i += width)
    for (std::size_t d = 0; d < codes.dimensions && is_number(points.values[i]); ++d)
      codes.points.push_back(points.values[i + d]);
  for (const auto value : divergences.values)
    if (codes.kl.size() < codes.dimensions) codes.kl.push_back(value);
  const bool whole = codes.kl.size() == codes.dimensions &&
                     codes.points.size() >= 2 * codes.dimensions &&
                     std::ranges::all_of(codes.points, is_number);
  return whole ? codes : ModelCodes();
}

}  // namespace

std::vector<results::Column> udr_metrics(const results::Results& results) {
  std::vector<results::Column> columns;
  for (const auto& column : results.metrics()) {
    const auto name = udr_name(results, column);
    if (name.empty()) continue;
    for (const auto& variant : kVariants) {
      results::Column derived;
      derived.name = name + std::string(variant.ending);
      derived.info = {.units = "1", .better = Better::higher};
      columns.push_back(std::move(derived));
    }
  }
  return columns;
}

bool is_udr_metric(const results::Results& results, const std::string& metric) {
  const auto all = udr_metrics(results);
  return std::ranges::find(all, metric, &results::Column::name) != all.end();
}

std::vector<double> udr_scores(const results::Results& results, const std::string& metric) {
  const auto* variant = std::ranges::find_if(
      kVariants, [&](const Variant& one) { return metric.ends_with(one.ending); });
  const auto name = metric.substr(0, metric.size() - variant->ending.size());
  const auto& rows = results.trials();
  std::vector<double> scores(rows.size(), std::nan(""));
  for (const auto& setting : make_settings(results, setting_keys(results).keys)) {
    std::map<std::uint64_t, std::size_t> seeds;
    for (const auto trial : setting.trials)
      if (rows[trial].status == results::TrialState::done) seeds[rows[trial].seed] = trial;
    std::map<std::size_t, std::vector<std::size_t>> trials;  // by the number of images
    std::map<std::size_t, std::vector<ModelCodes>> models;
    for (const auto& [seed, trial] : seeds) {
      auto codes = codes_of(results, name, trial);
      if (codes.dimensions == 0) continue;
      const auto images = codes.points.size() / codes.dimensions;
      trials[images].push_back(trial);
      models[images].push_back(std::move(codes));
    }
    for (const auto& [images, own] : trials) {
      const auto found = statistics::unsupervised_ranking(models[images], variant->correlation);
      for (std::size_t i = 0; i < own.size(); ++i) scores[own[i]] = found[i];
    }
  }
  return scores;
}

}  // namespace varia::analysis
