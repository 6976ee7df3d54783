#include "results/folder/runs_at_work.hpp"

#include <algorithm>

#include "files/process.hpp"

namespace varia::results {

namespace fs = std::filesystem;

RunsAtWork::RunsAtWork(const fs::path& folder) {
  files::RunWatch watch(folder, kPatience);
  const auto here = files::host_name();
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const auto id = entry.path().filename().string();
    const auto written = fs::last_write_time(entry.path(), error);
    if (error) continue;                               // it has just ended
    if (entry.path().extension() == ".tmp") continue;  // a beat that is being written
    RunAtWork run{id, watch.info(id), 0};
    if (run.info.host.empty() || watch.is_dead(id)) continue;
    run.silent = std::max(
        0.0, std::chrono::duration<double>(fs::file_time_type::clock::now() - written).count());
    // A process of this machine that does not beat is stopped, and may go on.
    if (run.silent > std::chrono::duration<double>(kPatience).count() && run.info.host != here)
      continue;
    runs_.push_back(std::move(run));
  }
  std::sort(runs_.begin(), runs_.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
}

const RunAtWork* RunsAtWork::find(const std::string& run) const {
  const auto found =
      std::lower_bound(runs_.begin(), runs_.end(), run,
                       [](const auto& entry, const auto& id) { return entry.id < id; });
  return found != runs_.end() && found->id == run ? &*found : nullptr;
}

}  // namespace varia::results
