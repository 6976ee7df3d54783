#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace varia::files {

/// Says to other runs that share a results folder that this one is alive: a small file
/// `<folder>/<run id>` with host, process and a number that grows with every heartbeat. No clock is
/// compared between machines.
///
/// It is written in a thread of its own, so that a run stays alive while it waits for a terminal
/// that was paused, or for a disk. A process that is stopped has no heartbeat.
class Heartbeat {
 public:
  /// Creates the folder if it does not exist, and writes the file. A later failure to write is not
  /// an error: the run continues, and may lose its trials to another one.
  /// @param every the time between two heartbeats, which the file says; at most `kEvery`
  /// @throws StoreError
  explicit Heartbeat(std::filesystem::path folder, std::chrono::milliseconds every = kEvery);
  /// Removes the file. In a child that was forked it does nothing.
  ~Heartbeat();
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

  const std::string& id() const;

  static constexpr std::chrono::milliseconds kEvery{5000};

 private:
  class Thread;
  std::unique_ptr<Thread> thread_;
};

/// What is known of another run.
struct RunInfo {
  std::string host;
  std::int64_t process = 0;
  std::string since;     ///< ISO 8601
  bool is_here = false;  ///< this process can see whether it lives (see is_here in process.hpp)
};

/// Tells which other runs are dead: at once if this process could see the other one and it is gone;
/// else, also after a restart of the machine, if its heartbeat has not changed for `patience`, and
/// for three of the heartbeats that it promised, watched on this machine's monotonic clock. So a
/// process that is stopped counts as dead after a while, and the clocks of machines play no role.
class RunWatch {
 public:
  RunWatch(std::filesystem::path folder, std::chrono::milliseconds patience);

  /// To be asked again and again. A run without a file is dead after `patience`, too; what is not
  /// a run's id is dead at once.
  bool is_dead(const std::string& run_id);
  /// Empty fields if its file is gone or damaged.
  RunInfo info(const std::string& run_id) const;

 private:
  struct Seen {
    std::string content;
    std::chrono::steady_clock::time_point since;
  };
  std::filesystem::path folder_;
  std::chrono::milliseconds patience_;
  std::map<std::string, Seen> seen_;
};

}  // namespace varia::files
