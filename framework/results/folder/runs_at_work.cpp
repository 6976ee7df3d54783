#include "results/folder/runs_at_work.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>
#include <system_error>

#include "files/folder_entries.hpp"
#include "files/lease.hpp"
#include "files/whole_file.hpp"

namespace varia::results {

namespace fs = std::filesystem;

namespace {
constexpr std::chrono::seconds kPatience{60};
}

std::vector<RunAtWork> runs_at_work(const ResultPaths& paths) {
  std::vector<RunAtWork> runs;
  const auto folder = paths.runs();
  files::RunWatch watch(folder, kPatience);
  std::error_code error;
  for (const auto& entry : files::folder_entries(folder, error)) {
    const auto id = entry.path().filename().string();
    const auto written = fs::last_write_time(entry.path(), error);
    if (error) continue;                               // it has just ended
    if (entry.path().extension() == ".tmp") continue;  // a heartbeat that is being written
    RunAtWork run{id, watch.info(id), 0};
    if (run.info.host.empty() || watch.is_dead(id)) continue;
    run.silent = std::max(
        0.0, std::chrono::duration<double>(fs::file_time_type::clock::now() - written).count());
    // A process of this machine that has no heartbeat is stopped, and may resume.
    if (run.silent > std::chrono::duration<double>(kPatience).count() && !run.info.is_here)
      continue;
    runs.push_back(std::move(run));
  }
  std::ranges::sort(runs, {}, &RunAtWork::id);
  return runs;
}

void remove_dead_runs(const ResultPaths& paths) {
  for (const auto& folder : {paths.folder(), paths.runs()})
    files::remove_left_behind(folder.string());
  files::remove_left_behind(paths.root.string(), paths.merged().filename().string() + ".");
  // Too patient for those of other machines.
  files::RunWatch watch(paths.runs(), std::chrono::hours(1));
  std::vector<std::string> dead;
  std::error_code ignored;
  for (const auto& entry : files::folder_entries(paths.runs(), ignored)) {
    auto id = entry.path().filename().string();
    if (entry.path().extension() == ".tmp") continue;  // of a run that is at work
    if (watch.is_dead(id) || (!watch.info(id).is_here && files::is_old(entry.path().string())))
      dead.push_back(std::move(id));
  }
  if (dead.empty()) return;
  std::set<std::string> holders;
  for (const auto& id : ids_in(paths.checkpoints(), ""))
    holders.insert(files::lease_holder(paths.in_progress(id)));
  for (const auto& id : dead)
    if (!holders.contains(id)) fs::remove(paths.runs() / id, ignored);
}

}  // namespace varia::results
