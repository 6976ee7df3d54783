#include "results/folder/stale_files.hpp"

#include <chrono>
#include <filesystem>
#include <set>
#include <system_error>
#include <unordered_set>

#include "files/lease.hpp"
#include "files/whole_file.hpp"
#include "results/folder/orphans.hpp"

namespace varia::results {

namespace fs = std::filesystem;

void remove_outdated(const ResultPaths& paths, const std::string& id, std::uint64_t token) {
  const auto folder = paths.in_progress(id);
  std::error_code ignored;
  if (token > 0 && fs::exists(folder, ignored))
    files::clear({folder, token, files::lease_holder(folder)});
}

void remove_outdated(const experiment::Plan& plan, const std::vector<PlannedState>& states,
                     const ResultPaths& paths) {
  const auto under_way = ids_in(paths.checkpoints(), "");
  const std::unordered_set<std::string> begun(under_way.begin(), under_way.end());
  for (std::size_t i = 0; i < states.size(); ++i)
    if (begun.count(plan.trials[i].id) > 0)
      remove_outdated(paths, plan.trials[i].id, states[i].token);
}

void remove_dead_runs(const ResultPaths& paths) {
  files::remove_left_behind(paths.runs().string());
  // Too patient for those of other machines.
  files::RunWatch watch(paths.runs(), std::chrono::hours(1));
  std::vector<std::string> dead;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(paths.runs(), ignored)) {
    auto id = entry.path().filename().string();
    if (entry.path().extension() != ".tmp" && watch.is_dead(id)) dead.push_back(std::move(id));
  }
  if (dead.empty()) return;
  std::set<std::string> holders;
  for (const auto& id : ids_in(paths.checkpoints(), ""))
    holders.insert(files::lease_holder(paths.in_progress(id)));
  for (const auto& id : dead)
    if (holders.count(id) == 0) fs::remove(paths.runs() / id, ignored);
}

}  // namespace varia::results
