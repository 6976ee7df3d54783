#include "sweep/search/search_values.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "files/lease.hpp"
#include "results/trial/trial_reader.hpp"
#include "varia/error.hpp"

namespace varia::sweep {

namespace fs = std::filesystem;

SearchValues::SearchValues(ResultPaths paths, std::string metric)
    : paths_(std::move(paths)), metric_(std::move(metric)) {}

SearchedTrial SearchValues::of(const std::string& id, std::uint64_t ignored) {
  SearchedTrial found;
  const auto published = paths_.trial(id);
  std::error_code missing;
  const bool is_published = fs::exists(published, missing);
  if (is_published) {
    try {
      auto [trial, values] = results::read_trial_curve(published.string(), metric_);
      if (ignored == 0 || trial.token != ignored) {
        found.token = trial.token;
        found.done = trial.status == results::TrialState::done;
        found.failed = trial.status == results::TrialState::failed;
        found.values = std::move(values);
      }
    } catch (const StoreError&) {
      // A damaged file counts as none; the trial is trained anew.
    }
  }
  for (const auto& file : files::token_files(paths_.under_way(id), "trial", ".h5")) {
    try {
      auto values = results::read_trial_curve(file.path.string(), metric_).second;
      if (values.size() > found.values.size()) found.values = std::move(values);
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
  const bool known = std::any_of(metrics.begin(), metrics.end(), [&](const auto& column) {
    return column.name == metric_ && column.shape.empty();
  });
  if (!known) return {};
  auto values = merged_->metric(metric_, row->second, 1).values;
  values.resize(static_cast<std::size_t>(merged_->trials()[row->second].epochs_done));
  return values;
}

}  // namespace varia::sweep
