#include "cli/results/results_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "analysis/ranking.hpp"
#include "cli/results/parameter_json.hpp"
#include "cli/terminal/table.hpp"

namespace varia::cli {

namespace {

/// A metric with a column of its own. Where the terminal is too narrow, columns of a higher
/// `importance` are left out first (Table::Column).
struct ShownMetric {
  std::string name;
  int importance = 0;
};

/// Whether a metric says more of another one: "nll_standard_error" of "nll", "kl_z" of "kl".
bool is_detail(const std::string& metric, const std::vector<std::string>& known) {
  return std::ranges::any_of(known,
                             [&](const auto& other) { return metric.starts_with(other + "_"); });
}

/// The metrics of one split: what trials are sorted by, what the experiment asks for, and what is
/// always recorded.
std::vector<ShownMetric> shown_metrics(const std::vector<std::string>& known,
                                       const std::string& sorted_by) {
  if (sorted_by.empty()) return {};
  const auto split = sorted_by.substr(0, sorted_by.find('/') + 1);
  std::vector<std::string> always;
  for (const auto* name : {"loss", "reconstruction", "kl", "elbo"})
    if (std::ranges::find(known, split + name) != known.end()) always.push_back(split + name);
  for (const auto& metric : known)
    if (metric.starts_with(split + "active_units_")) always.push_back(metric);
  std::vector<ShownMetric> shown = {{sorted_by, 0}};
  for (const auto& metric : known)
    if (metric.starts_with(split) && metric != sorted_by && !is_detail(metric, known) &&
        std::ranges::find(always, metric) == always.end())
      shown.push_back({metric, 4});
  for (const auto& metric : always)
    if (metric != sorted_by) shown.push_back({metric, 5});
  return shown;
}

/// Losses of other weights are other quantities, of which the lowest is not the best.
std::string loss_note(const std::string& metric,
                      const std::vector<const results::ParameterColumn*>& swept) {
  const auto split = metric.substr(0, metric.find('/'));
  if (metric != split + "/loss") return "";
  std::vector<std::string> keys;
  for (const auto* column : swept)
    if (column->key.starts_with("loss.")) keys.push_back(printable(column->key));
  if (keys.empty()) return "";
  return fmt::format("; it is another quantity where {} differs, varia compare ranks by the ELBO",
                     fmt::join(keys, " or "));
}

/// What trials are sorted by, with the order in force; without a name if none has recorded
/// anything.
results::Column sorting_metric(const results::Results& results, const std::string& asked,
                               Better order) {
  const auto name =
      asked.empty() ? analysis::ranking_metric(results, analysis::default_metric(results)) : asked;
  return name.empty() ? results::Column() : analysis::scalar_metric(results, name, order);
}

std::vector<std::size_t> sorted_trials(const results::Results& results,
                                       const results::Column& metric) {
  std::vector<std::size_t> trials(results.size());
  std::iota(trials.begin(), trials.end(), std::size_t{0});
  if (metric.name.empty()) return trials;
  const auto values = analysis::final_values(results, metric.name);
  std::ranges::stable_sort(trials, [&](std::size_t a, std::size_t b) {
    return analysis::ranks_before(values[a], values[b], metric.info.better);
  });
  return trials;
}

}  // namespace

std::string results_text(const results::Results& results, std::size_t limit,
                         const std::string& metric, Better order, const TextStyle& style) {
  const auto sorted_by = sorting_metric(results, metric, order);
  const auto trials = sorted_trials(results, sorted_by);
  std::vector<Table::Column> header = {"trial", {"status", 2}};
  std::vector<const results::ParameterColumn*> swept;
  for (const auto& column : results.parameters()) {
    if (!column.swept) continue;
    swept.push_back(&column);
    header.emplace_back(printable(column.key), 1);
  }
  for (const auto& column : results.notes()) {
    swept.push_back(&column);
    header.emplace_back(printable(column.key), 6);
  }
  const bool tagged =
      std::ranges::any_of(results.trials(), [](const auto& row) { return !row.tags.empty(); });
  if (tagged) header.emplace_back("tags", 6);
  const bool replicated =
      std::ranges::any_of(results.trials(), [](const auto& row) { return row.replicate > 0; });
  if (replicated) header.emplace_back("replicate", 3);
  header.emplace_back("epochs", 4);
  std::vector<std::vector<double>> values;
  for (const auto& [name, importance] :
       shown_metrics(analysis::scalar_metrics(results), sorted_by.name)) {
    header.emplace_back(printable(name), importance);
    values.push_back(analysis::final_values(results, name));
  }

  Table table(header);
  const auto shown = std::min(limit, trials.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const auto trial = trials[i];
    const auto& row = results.trials()[trial];
    std::vector<std::string> cells = {printable(row.id), results::state_text(row.status)};
    for (const auto* column : swept) cells.push_back(printable(column->text(trial)));
    if (tagged) cells.push_back(printable(results::stored_field(row.tags)));
    if (replicated) cells.push_back(std::to_string(row.replicate));
    cells.push_back(std::to_string(row.epochs_done));
    for (const auto& column : values) cells.push_back(short_number(column[trial]));
    table.add(std::move(cells));
  }
  auto text = table.text(style);
  const auto add_line = [&](const std::string& line) {
    text += wrapped(line, style.width, 2) + "\n";
  };
  if (!sorted_by.name.empty())
    add_line(fmt::format("{} of {}, {} {} first{}", shown, count_text(trials.size(), "trial"),
                         sorted_by.info.better == Better::higher ? "highest" : "lowest",
                         printable(sorted_by.name), loss_note(sorted_by.name, swept)));
  for (const auto trial : trials) {
    const auto& row = results.trials()[trial];
    if (row.status == results::TrialState::failed)
      add_line(fmt::format("{}: trial {}: {}", style.coloured(Colour::red, "failed"),
                           printable(row.id), printable(row.error)));
  }
  return text;
}

nlohmann::json results_json(const results::Results& results, const std::string& metric,
                            Better order) {
  const auto sorted_by = sorting_metric(results, metric, order);
  std::map<std::string, std::vector<double>> finals;
  for (const auto& name : analysis::scalar_metrics(results))
    finals[name] = analysis::final_values(results, name);
  auto trials = nlohmann::json::array();
  for (const auto trial : sorted_trials(results, sorted_by)) {
    const auto& row = results.trials()[trial];
    nlohmann::json parameters = nlohmann::json::object();
    for (const auto& column : results.parameters())
      if (const auto text = column.text(trial); !text.empty())
        parameters[column.key] = parameter_json(text);
    nlohmann::json metrics = nlohmann::json::object();
    for (const auto& [name, column] : finals) metrics[name] = results::number_json(column[trial]);
    auto document = results::trial_json(row);
    document["parameters"] = std::move(parameters);
    document["metrics"] = std::move(metrics);
    trials.push_back(std::move(document));
  }
  return {{"experiment", results.experiment().name},
          {"sorted_by", sorted_by.name},
          {"order", better_text(sorted_by.info.better)},
          {"trials", trials}};
}

}  // namespace varia::cli
