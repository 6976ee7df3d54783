#include "results/folder/results_folder.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "files/lease.hpp"
#include "results/provenance.hpp"
#include "results/trial/summary_text.hpp"
#include "varia/error.hpp"

namespace varia::results {

namespace fs = std::filesystem;

namespace {

std::vector<files::TokenFile> recorded_files(const ResultPaths& paths, const std::string& id) {
  return files::token_files(paths.in_progress(id), "trial", ".h5");
}

[[noreturn]] void refuse(const ResultPaths& paths, const std::string& what,
                         std::error_code reason) {
  throw StoreError(paths.folder().string(), "the results folder cannot be " + what + ": " +
                                                reason.message() +
                                                "; choose another one with --results");
}

/// One that is not there is empty; one that may not be looked into would seem to be.
ResultPaths readable(ResultPaths paths) {
  std::error_code error;
  if (!fs::exists(paths.trials(), error) && error) refuse(paths, "read", error);
  return paths;
}

/// The first of the recorded files, the newest first, that `read` can read.
template <class Read>
auto first_readable(const ResultPaths& paths, const std::string& id, const Read& read)
    -> std::optional<decltype(read(std::string()))> {
  for (const auto& file : recorded_files(paths, id)) {
    try {
      return read(file.path.string());
    } catch (const StoreError&) {
      // It is being written, or damaged: the one before tells.
    }
  }
  return std::nullopt;
}

}  // namespace

ResultsFolder::ResultsFolder(ResultPaths paths)
    : paths_(readable(std::move(paths))), runs_(runs_at_work(paths_)) {
  for (auto& id : ids_in(paths_.checkpoints(), "")) begun_.insert(std::move(id));
}

void ResultsFolder::read_summaries(const experiment::Plan& plan) {
  for (const auto& trial : plan.trials) {
    const auto path = paths_.trial(trial.id).string();
    const auto stamp = files::stamp_of(path);
    auto info = stamp ? read_summary_text(path) : std::nullopt;
    if (stamp && !info) continue;
    if (stamp) ++files_read_;
    published_[trial.id] = {stamp, std::move(info), ""};
  }
}

const PublishedTrial& ResultsFolder::published(const std::string& id) {
  const auto known = published_.find(id);
  return known != published_.end() ? known->second : look_again(id);
}

const PublishedTrial& ResultsFolder::look_again(const std::string& id) {
  std::error_code ignored;
  if (fs::exists(paths_.in_progress(id), ignored)) begun_.insert(id);
  const auto path = paths_.trial(id).string();
  const auto stamp = files::stamp_of(path);
  if (const auto known = published_.find(id);
      known != published_.end() && known->second.stamp == stamp)
    return known->second;
  PublishedTrial now{stamp, std::nullopt, ""};
  if (stamp) {
    ++files_read_;
    try {
      now.info = read_trial_info(path);
    } catch (const VersionError&) {
      throw;
    } catch (const Error& error) {
      now.damage = error.what();
    }
  }
  return published_[id] = std::move(now);
}

void ResultsFolder::add_progress(TrialStatus& status) const {
  const auto folder = paths_.in_progress(status.id);
  status.begun = !recorded_files(paths_, status.id).empty() ||
                 !files::token_files(folder, "checkpoint", "").empty();
  if (const auto recorded = first_readable(paths_, status.id, read_trial_info)) {
    status.records_done = recorded->epochs_done;
    status.total_seconds = recorded->total_seconds;
    if (status.target_records == 0) status.target_records = recorded->target_epochs;
  }
  const auto run = std::ranges::find(runs_, files::lease_holder(folder), &RunAtWork::id);
  if (run == runs_.end()) return;
  status.run = run->id;
  status.host = run->info.host;
}

bool ResultsFolder::has_parameters(const std::string& id) const {
  return files::stamp_of(paths_.parameters(id).string()).has_value();
}

fs::path ResultsFolder::newest_file(const std::string& id) {
  if (published(id).stamp || !has_begun(id)) return paths_.trial(id);
  return newest_recorded(paths_, id).value_or(paths_.trial(id));
}

TrialCurve ResultsFolder::curve(const std::string& id, const std::string& metric,
                                std::uint64_t ignored) {
  const auto read = [&](const std::string& file) { return read_trial_curve(file, metric); };
  const auto path = paths_.trial(id);
  TrialCurve curve;
  std::error_code error;
  const bool is_published = fs::exists(path, error);
  if (is_published) {
    try {
      if (auto found = read(path.string()); ignored == 0 || found.trial.token != ignored)
        curve = std::move(found);
    } catch (const StoreError&) {
      // A damaged file counts as none: the trial is trained anew.
    }
  }
  if (auto recorded = first_readable(paths_, id, read);
      recorded && recorded->values.size() > curve.values.size()) {
    curve.values = std::move(recorded->values);
    curve.better = recorded->better;
  }
  if (!is_published && curve.values.empty()) return merged_curve(id, metric);
  return curve;
}

TrialCurve ResultsFolder::merged_curve(const std::string& id, const std::string& metric) {
  if (!merged_file_) {
    std::error_code ignored;
    if (!fs::exists(paths_.merged(), ignored)) return {};
    try {
      merged_file_ = open_results(paths_.merged().string());
    } catch (const StoreError&) {
      return {};
    }
  }
  const auto& trials = merged_file_->trials();
  const auto row = std::ranges::find(trials, id, &TrialInfo::id);
  const auto column = std::ranges::find(merged_file_->metrics(), metric, &Column::name);
  if (row == trials.end() || row->status != TrialState::done ||
      column == merged_file_->metrics().end() || !column->shape.empty())
    return {};
  TrialCurve curve{*row, {}, column->info.better};
  curve.trial.token = 0;  // there is no published file
  const auto place = static_cast<std::size_t>(row - trials.begin());
  curve.values = merged_file_->metric(metric, place, 1).values;
  curve.values.resize(static_cast<std::size_t>(row->epochs_done));
  return curve;
}

void ResultsFolder::remove_outdated(const std::string& id, std::uint64_t token) const {
  const auto folder = paths_.in_progress(id);
  std::error_code ignored;
  if (token > 0 && fs::exists(folder, ignored)) files::clear_outdated(folder, token);
}

const MergedTrials& ResultsFolder::merged() { return merged_ ? *merged_ : merged_again(); }

const MergedTrials& ResultsFolder::merged_again() {
  merged_.emplace();
  std::error_code ignored;
  if (!fs::exists(paths_.merged(), ignored)) return *merged_;
  std::vector<TrialInfo> rows;
  try {
    rows = read_merged_trials(paths_.merged().string());
  } catch (const StoreError&) {
    merged_.reset();
    throw;
  }
  merged_->reserve(rows.size());
  for (auto& row : rows) {
    auto id = row.id;
    merged_->emplace(std::move(id), std::move(row));
  }
  return *merged_;
}

std::optional<fs::path> newest_recorded(const ResultPaths& paths, const std::string& id) {
  const auto files = recorded_files(paths, id);
  if (files.empty()) return std::nullopt;
  return files.front().path;
}

void require_readable_results(const ResultPaths& paths) {
  const auto merged = paths.merged();
  // A link that leads nowhere is there: the merge would refuse to write over it.
  if (!fs::exists(fs::symlink_status(merged))) return;
  try {
    open_results(merged.string());
  } catch (const StoreError& error) {
    throw StoreError(
        fmt::format("{}; nothing was trained. Move it away, or give this run "
                    "results of its own with --name",
                    error.what()));
  }
}

void prepare_results(const ResultPaths& paths, const std::string& experiment_yaml) {
  std::error_code error;
  for (const auto& part : {paths.trials(), paths.models(), paths.checkpoints(), paths.runs()}) {
    fs::create_directories(part, error);
    if (error) refuse(paths, "created", error);
  }
  if (::access(paths.runs().c_str(), W_OK) != 0)
    refuse(paths, "written to", {errno, std::generic_category()});
  if (experiment_yaml.empty()) return;
  try {
    files::write_if_changed(paths.experiment_file().string(), experiment_yaml);
  } catch (const StoreError& failure) {
    throw StoreError(fmt::format("{}; choose another folder with --results", failure.what()));
  }
}

}  // namespace varia::results
