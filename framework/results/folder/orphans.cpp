#include "results/folder/orphans.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <thread>
#include <unordered_set>

#include "files/lease.hpp"
#include "sweep/run_experiment.hpp"
#include "varia/error.hpp"

namespace varia::sweep {

namespace fs = std::filesystem;

namespace {

void add_ids(const fs::path& folder, const std::string& ending, std::vector<std::string>& ids) {
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    const auto name = entry.path().filename().string();
    if (name.size() != 16 + ending.size() || name.compare(16, std::string::npos, ending) != 0)
      continue;
    if (auto id = name.substr(0, 16); is_trial_id(id)) ids.push_back(std::move(id));
  }
}

void remove_file(const fs::path& file) {
  std::error_code error;
  fs::remove(file, error);
  if (error) throw StoreError(file.string(), "cannot be removed: " + error.message());
}

}  // namespace

std::string Orphan::reason() const {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  for (const auto& file : files) {
    if (file.extension() == ".log")
      add("log");
    else
      add(file.parent_path().filename() == "models" ? "parameters" : "trial file");
  }
  if (under_way) add("checkpoints");
  if (in_merged) add("row of the merged file");
  return text;
}

std::vector<std::string> ids_in(const fs::path& folder, const std::string& ending) {
  std::vector<std::string> ids;
  add_ids(folder, ending, ids);
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::vector<std::string> published_ids(const ResultPaths& paths) {
  std::vector<std::string> ids;
  std::error_code none;
  for (const auto& folder : fs::directory_iterator(paths.trials(), none))
    add_ids(folder.path(), ".h5", ids);
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::vector<Orphan> find_orphans(const experiment::Plan& plan, const ResultPaths& paths,
                                 const MergedIndex& merged) {
  std::unordered_set<std::string> planned;
  for (const auto& trial : plan.trials) planned.insert(trial.id);
  std::map<std::string, Orphan> orphans;
  const auto orphan = [&](const std::string& id) -> Orphan* {
    if (planned.count(id) > 0) return nullptr;
    auto& found = orphans[id];
    found.id = id;
    return &found;
  };
  const auto add_file = [&](const std::string& id, const fs::path& file) {
    auto* const found = orphan(id);
    if (found == nullptr) return;
    std::error_code error;
    const auto bytes = fs::file_size(file, error);
    if (error) return;  // a trial file in the folder of other digits
    found->files.push_back(file);
    found->bytes += bytes;
  };
  for (const auto& id : published_ids(paths)) add_file(id, paths.trial(id));
  for (const auto& id : ids_in(paths.folder() / "models", ".h5"))
    add_file(id, paths.parameters(id));
  for (const auto& id : ids_in(paths.folder() / "logs", ".log")) add_file(id, paths.log(id));
  for (const auto& id : ids_in(paths.checkpoints(), ""))
    if (auto* const found = orphan(id)) found->under_way = true;
  for (const auto& [id, row] : merged)
    if (auto* const found = orphan(id)) found->in_merged = true;
  std::vector<Orphan> all;
  for (auto& [id, found] : orphans)
    if (!found.files.empty() || found.under_way || found.in_merged) all.push_back(std::move(found));
  return all;
}

namespace {

/// Removes orphans one by one, each under its lease.
class Pruner {
 public:
  Pruner(const ResultPaths& paths, std::chrono::milliseconds patience)
      : paths_(paths), watch_(paths.runs(), patience) {}

  /// @returns false where a run holds it
  bool remove(const Orphan& orphan) {
    std::optional<files::Lease> lease;
    // Looked at again: a run that has an older plan may have begun since.
    if (fs::exists(paths_.under_way(orphan.id))) {
      if (!beat_) beat_.emplace(paths_.runs());
      lease = files::take_lease(paths_.under_way(orphan.id), 0, beat_->id(), watch_);
      if (!lease) return false;
    }
    for (const auto& file : orphan.files) remove_file(file);
    if (lease) files::clear(*lease);
    return true;
  }

 private:
  const ResultPaths& paths_;
  files::RunWatch watch_;
  std::optional<files::RunBeat> beat_;
};

/// True where the merged file would hold nothing without the rows of the removed trials.
bool is_left_empty(const MergedIndex& rows, const std::vector<std::string>& removed,
                   const experiment::Plan& plan, const ResultPaths& paths) {
  const std::unordered_set<std::string> gone(removed.begin(), removed.end());
  if (!std::all_of(rows.begin(), rows.end(),
                   [&](const auto& row) { return gone.count(row.first) > 0; }))
    return false;
  std::error_code none;
  return std::none_of(plan.trials.begin(), plan.trials.end(), [&](const auto& trial) {
    return fs::exists(paths.trial(trial.id), none) || fs::exists(paths.under_way(trial.id), none);
  });
}

}  // namespace

PruneReport prune(const std::vector<Orphan>& orphans, const experiment::Plan& plan,
                  const ResultPaths& paths, const results::ExperimentInfo& info,
                  std::chrono::milliseconds patience,
                  const std::function<bool(std::size_t)>& may_wait) {
  PruneReport report;
  Pruner pruner(paths, patience);
  std::vector<const Orphan*> held;
  bool any_rows = false;
  const auto try_one = [&](const Orphan& orphan) {
    if (!pruner.remove(orphan)) return false;
    report.removed.push_back(orphan.id);
    any_rows = any_rows || orphan.in_merged;
    return true;
  };
  for (const auto& orphan : orphans)
    if (!try_one(orphan)) held.push_back(&orphan);
  const bool waits = !held.empty() && may_wait(held.size());
  const auto end = std::chrono::steady_clock::now() + patience + std::chrono::seconds(1);
  while (waits && !held.empty() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::min(patience, std::chrono::milliseconds(500)));
    held.erase(std::remove_if(held.begin(), held.end(),
                              [&](const auto* orphan) { return try_one(*orphan); }),
               held.end());
  }
  for (const auto* orphan : held) report.held.push_back(orphan->id);
  std::sort(report.removed.begin(), report.removed.end());
  if (!any_rows) return report;
  if (is_left_empty(read_merged_index(paths), report.removed, plan, paths)) {
    remove_file(paths.merged());
    return report;
  }
  auto staying = plan;  // and what is held
  for (const auto& id : report.held) {
    staying.trials.emplace_back();
    staying.trials.back().id = id;
  }
  report.problems = merge_experiment(staying, paths, info, /*prune=*/true).problems;
  return report;
}

}  // namespace varia::sweep
