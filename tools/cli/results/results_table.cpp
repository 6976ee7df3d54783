#include "cli/results/results_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "analysis/ranking.hpp"
#include "analysis/settings.hpp"
#include "cli/terminal/table.hpp"

namespace varia::cli {

namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

/// The metrics of one split that fit on a screen.
std::vector<std::string> shown_metrics(const std::vector<std::string>& known,
                                       const std::string& sorted_by) {
  const auto split = sorted_by.substr(0, sorted_by.find('/'));
  std::vector<std::string> shown = {sorted_by};
  for (const auto* name : {"loss", "reconstruction", "kl", "elbo"}) {
    const auto metric = split + "/" + name;
    if (metric != sorted_by && contains(known, metric)) shown.push_back(metric);
  }
  for (const auto& metric : known)
    if (metric.rfind(split + "/active_units_", 0) == 0 && metric != sorted_by)
      shown.push_back(metric);
  return shown;
}

/// Losses of other weights are other quantities, of which the lowest is not the best.
std::string loss_note(const std::string& metric,
                      const std::vector<const results::ParameterColumn*>& swept) {
  const auto split = metric.substr(0, metric.find('/'));
  if (metric != split + "/loss") return "";
  std::vector<std::string> keys;
  for (const auto* column : swept)
    if (column->key.rfind("loss.", 0) == 0) keys.push_back(printable(column->key));
  if (keys.empty()) return "";
  return fmt::format("; it is another quantity where {} differs, varia compare ranks by the ELBO",
                     fmt::join(keys, " or "));
}

}  // namespace

Listing make_listing(const results::Results& results, const std::string& metric, Better order) {
  Listing listing;
  listing.order.resize(results.size());
  std::iota(listing.order.begin(), listing.order.end(), std::size_t{0});
  listing.metric = metric.empty()
                       ? analysis::ranking_metric(results, analysis::default_metric(results))
                       : metric;
  if (listing.metric.empty()) return listing;  // no trial has recorded anything
  listing.better =
      analysis::order_of(results, analysis::scalar_metric(results, listing.metric), order);
  listing.columns = shown_metrics(analysis::scalar_metrics(results), listing.metric);
  const auto values = results.final_values(listing.metric);
  std::ranges::stable_sort(listing.order, [&](std::size_t a, std::size_t b) {
    return analysis::ranks_before(values[a], values[b], listing.better);
  });
  return listing;
}

std::string results_text(const results::Results& results, const Listing& listing,
                         std::size_t limit) {
  std::vector<std::string> header = {"trial", "status"};
  std::vector<const results::ParameterColumn*> swept;
  for (const auto& column : results.parameters()) {
    if (!column.swept) continue;
    swept.push_back(&column);
    header.push_back(printable(column.key));
  }
  for (const auto& column : results.notes()) {
    swept.push_back(&column);
    header.push_back(printable(column.key));
  }
  const bool tagged = std::any_of(results.trials().begin(), results.trials().end(),
                                  [](const auto& row) { return !row.tags.empty(); });
  if (tagged) header.emplace_back("tags");
  const bool replicated = std::any_of(results.trials().begin(), results.trials().end(),
                                      [](const auto& row) { return row.replicate > 0; });
  if (replicated) header.emplace_back("replicate");
  header.emplace_back("epochs");
  std::vector<std::vector<double>> values;
  for (const auto& metric : listing.columns) {
    header.push_back(printable(metric));
    values.push_back(results.final_values(metric));
  }

  Table table(header);
  const auto shown = std::min(limit, listing.order.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const auto trial = listing.order[i];
    const auto& row = results.trials()[trial];
    std::vector<std::string> cells = {printable(row.id), results::state_text(row.status)};
    for (const auto* column : swept)
      cells.push_back(printable(analysis::value_text(*column, trial)));
    if (tagged) cells.push_back(printable(results::stored_field(row.tags)));
    if (replicated) cells.push_back(std::to_string(row.replicate));
    cells.push_back(std::to_string(row.epochs_done));
    for (const auto& column : values) cells.push_back(short_number(column[trial]));
    table.add(std::move(cells));
  }
  auto text = table.text();
  if (!listing.metric.empty())
    text += fmt::format("{} of {} trials, {} {} first{}\n", shown, listing.order.size(),
                        listing.better == Better::higher ? "highest" : "lowest",
                        printable(listing.metric), loss_note(listing.metric, swept));
  for (const auto trial : listing.order) {
    const auto& row = results.trials()[trial];
    if (row.status == results::TrialState::failed)
      text += fmt::format("failed: trial {}: {}\n", printable(row.id), printable(row.error));
  }
  return text;
}

std::string results_json(const results::Results& results, const Listing& listing) {
  std::map<std::string, std::vector<double>> finals;
  for (const auto& metric : results.metrics())
    if (metric.shape.empty()) finals[metric.name] = results.final_values(metric.name);
  auto trials = nlohmann::json::array();
  for (const auto trial : listing.order) {
    const auto& row = results.trials()[trial];
    nlohmann::json parameters = nlohmann::json::object();
    for (const auto& column : results.parameters()) {
      if (column.is_text) {
        if (!column.texts[trial].empty()) parameters[column.key] = column.texts[trial];
      } else if (!std::isnan(column.numbers[trial])) {
        parameters[column.key] = results::number_json(column.numbers[trial]);
      }
    }
    nlohmann::json metrics = nlohmann::json::object();
    for (const auto& [name, column] : finals) metrics[name] = results::number_json(column[trial]);
    auto document = results::trial_json(row);
    document["parameters"] = std::move(parameters);
    document["metrics"] = std::move(metrics);
    trials.push_back(std::move(document));
  }
  const nlohmann::json document = {{"experiment", results.experiment().name},
                                   {"sorted_by", listing.metric},
                                   {"order", better_text(listing.better)},
                                   {"trials", trials}};
  // Text in a file need not be UTF-8.
  return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace varia::cli
