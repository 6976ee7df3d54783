#include "results/folder/folder_merge.hpp"

#include <algorithm>
#include <filesystem>

#include "files/lease.hpp"
#include "results/folder/merged_index.hpp"
#include "varia/error.hpp"

namespace varia::results {

namespace fs = std::filesystem;

namespace {

/// Where a trial's results are: its published file, else what it has recorded so far.
fs::path newest_file(const std::string& id, const ResultPaths& paths) {
  const auto published = paths.trial(id);
  if (fs::exists(published)) return published;
  const auto files = files::token_files(paths.in_progress(id), "trial", ".h5");
  return files.empty() ? published : files.front().path;
}

/// Whether a row of the merged file is what its trial's file gives it.
bool is_row_of(const TrialGlance& row, const TrialGlance& file) {
  const bool is_same = row.token == file.token && row.status == file.status &&
                       row.epochs_done == file.epochs_done && row.error == file.error;
  // A finished trial is carried over (store/merged/merge.hpp).
  return is_same || (row.status == Status::done && file.status != Status::done &&
                     (file.status == Status::failed || file.epochs_done < row.epochs_done));
}

/// True where the merged file lacks what the trials' files have. Their times tell nothing: a clock
/// may have been set back, or another run may have merged fewer of them just now.
bool lacks_any(const MergedIndex& rows, const std::vector<PlannedTrial>& trials) {
  std::error_code ignored;
  for (const auto& trial : trials) {
    if (!fs::exists(trial.path, ignored)) continue;
    const auto row = rows.find(trial.id);
    if (row == rows.end()) return true;
    try {
      if (!is_row_of(row->second, read_trial_glance(trial.path))) return true;
    } catch (const StoreError&) {
      // Damaged: there is nothing to add.
    }
  }
  return false;
}

std::vector<PlannedTrial> files_of(const experiment::Plan& plan, const ResultPaths& paths) {
  std::vector<PlannedTrial> files;
  for (const auto& trial : plan.trials)
    files.push_back({trial.id, newest_file(trial.id, paths).string()});
  return files;
}

}  // namespace

MergeReport merge_folder(const experiment::Plan& plan, const ResultPaths& paths,
                         const ExperimentInfo& info, const MergeOptions& options) {
  return merge(info, files_of(plan, paths), paths.merged().string(), options);
}

MergeReport merge_if_changed(const experiment::Plan& plan, const ResultPaths& paths,
                             const ExperimentInfo& info) {
  const auto planned = files_of(plan, paths);
  if (fs::exists(paths.merged()) && !lacks_any(read_merged_index(paths), planned)) return {};
  return merge(info, planned, paths.merged().string());
}

bool has_trial_files(const experiment::Plan& plan, const ResultPaths& paths) {
  return std::ranges::any_of(
      plan.trials, [&](const auto& trial) { return fs::exists(newest_file(trial.id, paths)); });
}

}  // namespace varia::results
