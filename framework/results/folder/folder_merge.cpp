#include "results/folder/folder_merge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <unordered_set>
#include <utility>

#include "files/lease.hpp"
#include "files/whole_file.hpp"
#include "results/file_frame.hpp"
#include "results/merged/check_merged.hpp"
#include "results/merged/results.hpp"
#include "results/provenance.hpp"
#include "varia/error.hpp"

namespace varia::results {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds kPatience{60};

/// Whether a row of the merged file is what its trial's file gives it.
bool is_row_of(const TrialInfo& row, const TrialInfo& file) {
  const bool is_same = row.token == file.token && row.status == file.status &&
                       row.epochs_done == file.epochs_done && row.error == file.error;
  return is_same || is_carried(row, file);
}

/// What the newest file of a trial says; nullopt if there is none, or it is damaged.
std::optional<TrialInfo> newest_info(ResultsFolder& folder, const std::string& id) {
  try {
    const auto& published = folder.published(id);
    if (published.stamp) return published.info;
    if (const auto file = newest_recorded(folder.paths(), id))
      return read_trial_info(file->string());
  } catch (const StoreError&) {
    // There is nothing to add.
  }
  return std::nullopt;
}

/// True if the merged file lacks what the trials' files have. Their times tell nothing: a clock may
/// have been set back, or another run may have merged fewer of them just now.
bool lacks_any(const experiment::Plan& plan, ResultsFolder& folder) {
  const auto& rows = folder.merged_again();
  return std::ranges::any_of(plan.trials, [&](const auto& trial) {
    const auto row = rows.find(trial.id);
    if (row != rows.end() && (row->second.tags != trial.tags || row->second.notes != trial.notes))
      return true;
    const auto info = newest_info(folder, trial.id);
    if (!info) return false;
    return row == rows.end() || !is_row_of(row->second, *info);
  });
}

/// The newest file of each trial, as it is now.
std::vector<PlannedTrial> newest_files(const experiment::Plan& plan, ResultsFolder& folder) {
  std::vector<PlannedTrial> files;
  for (const auto& trial : plan.trials) {
    auto file = folder.paths().trial(trial.id);
    try {
      folder.look_again(trial.id);
      file = folder.newest_file(trial.id);
    } catch (const VersionError&) {
      // The merge reports it.
    }
    files.push_back({trial.id, file.string(), trial.tags, trial.notes});
  }
  return files;
}

/// Renames the published files that a merge could not read, if their bytes have changed since they
/// were written: the next run trains these trials again. Files that other runs hold stay.
void set_aside(ResultsFolder& folder, MergeReport& report) {
  if (report.unreadable.empty()) return;
  const auto& paths = folder.paths();
  try {
    const files::Heartbeat heartbeat(paths.runs());
    files::RunWatch watch(paths.runs(), kPatience);
    for (const auto& id : report.unreadable) {
      const auto path = paths.trial(id).string();
      const auto& info = folder.look_again(id).info;
      if (!info || is_intact(path).value_or(false)) continue;
      auto lease = files::take_lease(paths.in_progress(id), info->token, heartbeat.id(), watch);
      if (!lease) continue;
      const files::LeaseGuard guard(*std::move(lease));
      if (!is_intact(path).value_or(false)) {
        fs::rename(path, path + ".damaged");
        report.problems.push_back(
            fmt::format("{0}: renamed to {0}.damaged; varia run trains the trial again unless the "
                        "merged file has it",
                        path));
      }
    }
  } catch (const std::exception&) {
    // The folder may not be written to. What could be read is merged, and the problems are told.
  }
}

}  // namespace

MergeReport merge_folder(const experiment::Plan& plan, ResultsFolder& folder,
                         const ExperimentInfo& info, bool prune) {
  auto report = merge(info, newest_files(plan, folder), folder.paths().merged().string(), prune);
  set_aside(folder, report);
  return report;
}

MergeReport merge_if_changed(const experiment::Plan& plan, ResultsFolder& folder,
                             const ExperimentInfo& info) {
  const auto files = newest_files(plan, folder);
  std::error_code ignored;
  const auto is_there = [&](const auto& trial) { return fs::exists(trial.path, ignored); };
  const auto merged = folder.paths().merged();
  const bool is_merged = fs::exists(merged, ignored);
  if (!is_merged && std::ranges::none_of(files, is_there)) return {};
  if (is_merged && !lacks_any(plan, folder)) return {};
  auto report = merge(info, files, merged.string());
  set_aside(folder, report);
  return report;
}

PackReport pack(const experiment::Plan& plan, ResultsFolder& folder) {
  const auto& paths = folder.paths();
  // Else a merge that has read what was there before could write it once more, after the removal.
  const files::FolderLock lock(paths.merged().parent_path());
  auto results = open_results(paths.merged().string());
  std::unordered_set<std::string> planned;
  for (const auto& trial : plan.trials) planned.insert(trial.id);
  // Finished trials that have both a file and a row.
  std::vector<PlannedTrial> files;
  std::vector<TrialInfo> candidates;
  for (const auto& trial : results.trials()) {
    if (!planned.contains(trial.id) || trial.status != TrialState::done) continue;
    const auto& published = folder.look_again(trial.id);
    if (!published.stamp) continue;
    if (!published.info) throw StoreError(published.damage);
    if (published.info->status != TrialState::done) continue;
    files.push_back({trial.id, paths.trial(trial.id).string()});
    candidates.push_back(*published.info);
  }
  const auto differences = check_merged(std::move(results), files);

  PackReport report;
  const files::Heartbeat heartbeat(paths.runs());
  files::RunWatch watch(paths.runs(), kPatience);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto& id = candidates[i].id;
    const auto keep = [&, &path = files[i].path](const std::string& why) {
      report.kept.push_back(fmt::format("{}: {}", path, why));
    };
    if (!differences[i].empty()) {
      keep(differences[i]);
      continue;
    }
    auto lease =
        files::take_lease(paths.in_progress(id), candidates[i].token, heartbeat.id(), watch);
    if (!lease) {
      keep("another run is at work on this trial");
      continue;
    }
    const files::LeaseGuard guard(*std::move(lease));
    if (folder.look_again(id).info == candidates[i]) {
      std::error_code error;
      std::error_code unknown;
      const auto bytes = fs::file_size(files[i].path, unknown);
      fs::remove(files[i].path, error);
      if (error) throw StoreError(files[i].path, "cannot be removed: " + error.message());
      if (!unknown) report.bytes += static_cast<double>(bytes);
      ++report.removed;
    } else {
      keep("it was published anew; merge again");
    }
  }
  return report;
}

}  // namespace varia::results
