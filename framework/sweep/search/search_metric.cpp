#include "sweep/search/search_metric.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "files/lease.hpp"
#include "results/folder/trial_state.hpp"
#include "results/trial/trial_reader.hpp"
#include "varia/error.hpp"

namespace varia::sweep {

namespace fs = std::filesystem;

void require_metric(const experiment::Search& search, const experiment::Trial& trial,
                    const results::EpochRecord& record) {
  const auto name = search.metric.substr(search.metric.find('/') + 1);
  const auto split = record.metrics.find("validation");
  std::vector<std::string> known;
  if (split != record.metrics.end())
    for (const auto& [metric, value] : split->second) {
      if (!value.shape.empty()) continue;
      if (metric == name) return;
      known.push_back("validation/" + metric);
    }
  // A metric of the experiment may record several values, whose names begin with its own, and not
  // at every epoch.
  const auto last = record_count(*trial.train);
  for (const auto& entry : *trial.metrics) {
    const bool is_due = record.epoch > 0 && entry.is_due(record.epoch, last);
    if (!is_due && name.compare(0, entry.name.size(), entry.name) == 0) return;
  }
  throw ConfigError(search.metric_where,
                    fmt::format("search: trial {} records no '{}', or not as one number. {}",
                                trial.id, search.metric, suggestion(search.metric, known)));
}

Better searched_order(const experiment::Search& search, Better declared) {
  const auto order = search.order != Better::neither ? search.order : declared;
  if (order == Better::neither)
    throw ConfigError(search.metric_where,
                      fmt::format("search: '{}' does not declare whether higher or lower values "
                                  "are better. Say it: order: higher or order: lower",
                                  search.metric));
  return order;
}

SearchValues::SearchValues(ResultPaths paths, experiment::Search search)
    : paths_(std::move(paths)), search_(std::move(search)) {}

std::vector<double> SearchValues::oriented(std::vector<double> values, Better declared) const {
  if (values.empty() || searched_order(search_, declared) == Better::lower) return values;
  for (auto& value : values) value = -value;
  return values;
}

SearchedTrial SearchValues::of(const std::string& id, std::uint64_t ignored) {
  SearchedTrial found;
  const auto published = paths_.trial(id);
  std::error_code missing;
  const bool is_published = fs::exists(published, missing);
  if (is_published) {
    try {
      auto curve = results::read_trial_curve(published.string(), search_.metric);
      if (ignored == 0 || curve.trial.token != ignored) {
        found.token = curve.trial.token;
        found.done = curve.trial.status == results::TrialState::done;
        found.failed = curve.trial.status == results::TrialState::failed;
        found.values = oriented(std::move(curve.values), curve.better);
      }
    } catch (const StoreError&) {
      // A damaged file counts as none; the trial is trained anew.
    }
  }
  for (const auto& file : files::token_files(paths_.under_way(id), "trial", ".h5")) {
    try {
      auto curve = results::read_trial_curve(file.path.string(), search_.metric);
      if (curve.values.size() > found.values.size())
        found.values = oriented(std::move(curve.values), curve.better);
      break;
    } catch (const StoreError&) {
      // Being written or damaged: the one before tells.
    }
  }
  if (!is_published && found.values.empty()) {
    found.values = packed(id);
    found.done = !found.values.empty();
  }
  return found;
}

std::vector<double> SearchValues::packed(const std::string& id) {
  if (!std::exchange(opened_, true) && fs::exists(paths_.merged())) {
    try {
      merged_ = results::open_results(paths_.merged().string());
      for (std::size_t row = 0; row < merged_->size(); ++row)
        if (merged_->trials()[row].status == results::TrialState::done)
          rows_[merged_->trials()[row].id] = row;
    } catch (const StoreError&) {
      merged_.reset();
    }
  }
  const auto row = rows_.find(id);
  if (row == rows_.end()) return {};
  const auto& metrics = merged_->metrics();
  const auto column = std::ranges::find_if(metrics, [&](const auto& candidate) {
    return candidate.name == search_.metric && candidate.shape.empty();
  });
  if (column == metrics.end()) return {};
  auto values = merged_->metric(search_.metric, row->second, 1).values;
  values.resize(static_cast<std::size_t>(merged_->trials()[row->second].epochs_done));
  return oriented(std::move(values), column->info.better);
}

}  // namespace varia::sweep
