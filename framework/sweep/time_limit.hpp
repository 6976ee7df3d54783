#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace varia::sweep {

/// When the machine is taken away, and whether a trial can still be started before.
class TimeLimit {
 public:
  using Time = std::chrono::system_clock::time_point;

  /// @param end nothing: there is no limit
  explicit TimeLimit(std::optional<Time> end) : end_(end) {}

  /// A trial took its first step this long after it was handed to a worker.
  void note_start(std::chrono::duration<double> took) { slowest_ = std::max(slowest_, took); }

  /// False where a trial that is handed out now might not reach a checkpoint. It can write one
  /// after its first step, which is given twice the time that the slowest start took, and a second
  /// more for writing.
  bool allows_start(Time now) const {
    return !end_ || now + 2 * slowest_ + std::chrono::seconds(1) < *end_;
  }

 private:
  std::optional<Time> end_;
  std::chrono::duration<double> slowest_{0};
};

}  // namespace varia::sweep
