#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "files/heartbeat.hpp"

namespace varia::results {

/// A run that has a beat in the results folder.
struct RunAtWork {
  std::string id;
  files::RunInfo info;
  double silent = 0;  ///< seconds since its last beat, by the clock of the file system
};

/// The runs of a results folder, as one look at their beats tells. A run counts as at work where
/// its process is alive on this machine, or its last beat on another one is younger than kPatience:
/// this is what people are told. Who may take over a trial is decided by files::RunWatch, without
/// clocks.
class RunsAtWork {
 public:
  /// @param folder of the beats; it need not exist
  explicit RunsAtWork(const std::filesystem::path& folder);

  const std::vector<RunAtWork>& all() const { return runs_; }
  /// Null where it is not at work.
  const RunAtWork* find(const std::string& run) const;

  static constexpr std::chrono::seconds kPatience{60};

 private:
  std::vector<RunAtWork> runs_;  // by id
};

}  // namespace varia::results
