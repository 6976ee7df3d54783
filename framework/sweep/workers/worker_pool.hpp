#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sweep/workers/worker.hpp"

namespace varia::sweep {

/// A worker process, and the trial that it is at work on.
struct WorkerPlace {
  using Clock = std::chrono::steady_clock;

  std::size_t slot = 0;    ///< below the number of jobs; no two have the same
  std::size_t trials = 0;  ///< of the plan that the worker knows
  std::unique_ptr<Worker> worker;
  std::optional<Task> task;   ///< nullopt: it waits for one
  Clock::time_point started;  ///< when it got its task
  bool stepped = false;       ///< the task has taken a step
  bool overdue = false;       ///< it was killed, since the task took too long

  /// One that was overdue has been killed, even if its trial has ended just in time.
  bool is_idle() const { return !task && !overdue; }
};

/// The worker processes of a run: at most as many as there are jobs, started when they are needed.
class WorkerPool {
 public:
  /// @param run outlives this; its plan may grow
  WorkerPool(const Run& run, std::size_t jobs);

  std::vector<WorkerPlace>& places() { return places_; }
  /// How many are at work on a trial.
  std::size_t busy() const;
  /// Whether one more can be.
  bool has_room() const;
  /// A worker without a task that knows the trial; a new one if there is none. To be called
  /// if there is room; references to places that were idle end.
  WorkerPlace& idle_place(std::size_t trial);
  /// Asks all to end after their steps.
  void ask_to_stop();
  /// Waits up to `longest` for messages and deaths. A dead worker is waited for by `died`, after
  /// which its place is gone.
  void listen(std::chrono::milliseconds longest,
              const std::function<void(WorkerPlace&, const std::string& message)>& hear,
              const std::function<void(WorkerPlace&)>& died);
  /// Kills those whose tasks have taken longer than `timeout`; their deaths are heard of later.
  void end_overdue(std::chrono::duration<double> timeout);
  /// Kills all. @returns what they were at work on
  std::vector<Task> end();

 private:
  const Run& run_;
  std::size_t jobs_;
  std::shared_ptr<SharedProgress[]> progress_;  // by slot
  std::vector<WorkerPlace> places_;
};

}  // namespace varia::sweep
