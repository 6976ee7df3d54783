#include "results/folder/orphans.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <thread>
#include <unordered_set>

#include "files/lease.hpp"
#include "results/folder/folder_merge.hpp"
#include "varia/error.hpp"

namespace varia::results {

namespace fs = std::filesystem;

namespace {

void remove_file(const fs::path& file) {
  std::error_code error;
  fs::remove(file, error);
  if (error) throw StoreError(file.string(), "cannot be removed: " + error.message());
}

}  // namespace

std::string Orphan::reason() const {
  auto parts = kinds;
  if (in_progress) parts.emplace_back("checkpoints");
  if (in_merged) parts.emplace_back("row of the merged file");
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::vector<Orphan> find_orphans(const experiment::Plan& plan, ResultsFolder& folder) {
  const auto& paths = folder.paths();
  std::unordered_set<std::string> planned;
  for (const auto& trial : plan.trials) planned.insert(trial.id);
  std::map<std::string, Orphan> orphans;
  const auto orphan = [&](const std::string& id) -> Orphan* {
    if (planned.contains(id)) return nullptr;
    auto& found = orphans[id];
    found.id = id;
    return &found;
  };
  const auto add_file = [&](const std::string& id, const fs::path& file, const char* kind) {
    auto* const found = orphan(id);
    if (found == nullptr) return;
    std::error_code error;
    const auto bytes = fs::file_size(file, error);
    if (error) return;  // a trial file in the folder of other digits
    found->files.push_back(file);
    found->kinds.emplace_back(kind);
    found->bytes += bytes;
  };
  for (const auto& id : published_ids(paths)) add_file(id, paths.trial(id), "trial file");
  for (const auto& id : ids_in(paths.models(), ".h5"))
    add_file(id, paths.parameters(id), "parameters");
  for (const auto& id : ids_in(paths.logs(), ".log")) add_file(id, paths.log(id), "log");
  for (const auto& id : ids_in(paths.checkpoints(), ""))
    if (auto* const found = orphan(id)) found->in_progress = true;
  for (const auto& [id, row] : folder.merged())
    if (auto* const found = orphan(id)) found->in_merged = true;
  std::vector<Orphan> all;
  for (auto& [id, found] : orphans)
    if (!found.files.empty() || found.in_progress || found.in_merged)
      all.push_back(std::move(found));
  return all;
}

namespace {

/// True if the merged file would hold nothing without the rows of the removed trials.
bool is_left_empty(const MergedTrials& rows, const std::vector<std::string>& removed,
                   const experiment::Plan& plan, const ResultPaths& paths) {
  const std::unordered_set<std::string> gone(removed.begin(), removed.end());
  if (!std::ranges::all_of(rows, [&](const auto& row) { return gone.contains(row.first); }))
    return false;
  std::error_code none;
  return std::ranges::none_of(plan.trials, [&](const auto& trial) {
    return fs::exists(paths.trial(trial.id), none) || fs::exists(paths.in_progress(trial.id), none);
  });
}

}  // namespace

PruneReport prune(const std::vector<Orphan>& orphans, const experiment::Plan& plan,
                  ResultsFolder& folder, const ExperimentInfo& info,
                  std::chrono::milliseconds patience,
                  const std::function<bool(std::size_t)>& may_wait) {
  const auto& paths = folder.paths();
  PruneReport report;
  files::RunWatch watch(paths.runs(), patience);
  std::optional<files::Heartbeat> heartbeat;
  std::vector<const Orphan*> held;
  bool any_rows = false;
  const auto try_one = [&](const Orphan& orphan) {
    std::optional<files::LeaseGuard> lease;
    // As it is now: a run that has an older plan may have begun since.
    if (const auto folder = paths.in_progress(orphan.id); fs::exists(folder)) {
      if (!heartbeat) heartbeat.emplace(paths.runs());
      auto taken = files::take_lease(folder, 0, heartbeat->id(), watch);
      if (!taken) return false;
      lease.emplace(*std::move(taken));
    }
    for (const auto& file : orphan.files) remove_file(file);
    if (lease) files::clear(lease->lease());
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
    std::erase_if(held, [&](const auto* orphan) { return try_one(*orphan); });
  }
  for (const auto* orphan : held) report.held.push_back(orphan->id);
  std::ranges::sort(report.removed);
  if (!any_rows) return report;
  if (is_left_empty(folder.merged_again(), report.removed, plan, paths)) {
    remove_file(paths.merged());
    return report;
  }
  auto staying = plan;  // and what is held
  for (const auto& id : report.held) {
    staying.trials.emplace_back();
    staying.trials.back().id = id;
  }
  report.problems = merge_folder(staying, folder, info, /*prune=*/true).problems;
  return report;
}

}  // namespace varia::results
