#pragma once

#include <deque>
#include <optional>

#include "results/records.hpp"
#include "sweep/workers/worker_messages.hpp"

namespace varia::sweep {

/// Says which trial a run trains next, and how far. This one takes them in their order, each to its
/// end. Only the supervisor calls it.
class TrialScheduler {
 public:
  struct Choice {
    std::size_t trial = 0;   ///< its place in the plan
    std::int64_t until = 0;  ///< the record that it is trained to; 0: to its end
  };
  virtual ~TrialScheduler() = default;

  /// One of the tasks that are ready; its trial is in progress then, until `look_at` is called for
  /// it.
  /// @returns nullopt if none of them is to be trained by what is known now
  virtual std::optional<Choice> next(const std::deque<Task>& ready) {
    if (ready.empty()) return std::nullopt;
    return Choice{ready.front().trial, 0};
  }
  /// A trial is no longer in progress here, or another run had it: its files may hold more.
  virtual void look_at(std::size_t trial) {}
  /// Looks at what other runs did. @returns whether there is anything new
  virtual bool look_around() { return false; }
  /// Tasks for trials that were added to the plan; called if a worker is idle.
  virtual std::deque<Task> more() { return {}; }
  /// Whether there may be more soon, since another run is about to make some.
  virtual bool waits() const { return false; }
  /// Trials that are not in the plan yet.
  virtual std::size_t missing() const { return 0; }
  /// Receives a record. @throws ConfigError if it lacks the metric that is compared
  virtual void hear(std::size_t trial, const results::EpochRecord& record) {}
};

}  // namespace varia::sweep
