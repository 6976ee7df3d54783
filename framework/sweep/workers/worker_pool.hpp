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

/// The worker processes of a run: at most as many as there are jobs, started when they are needed.
class WorkerPool {
 public:
  /// @param run outlives this; its plan may grow
  WorkerPool(const Run& run, std::size_t jobs);

  const std::vector<std::unique_ptr<Worker>>& workers() const { return workers_; }
  /// How many are at work on a trial.
  std::size_t busy() const;
  /// Whether one more can be.
  bool has_room() const;
  /// A worker without a task that knows the trial; a new one if there is none. To be called
  /// if there is room; it may end those that are idle.
  Worker& idle_worker(std::size_t trial);
  /// Asks all to end after their steps.
  void ask_to_stop();
  /// Waits up to `longest` for messages and deaths. A dead worker is waited for by `died`, after
  /// which it is gone.
  void listen(std::chrono::milliseconds longest,
              const std::function<void(Worker&, const std::string& message)>& hear,
              const std::function<void(Worker&)>& died);
  /// Kills those whose tasks have taken longer than `timeout`; their deaths are heard of later.
  void end_overdue(std::chrono::duration<double> timeout);
  /// Kills all. @returns what they were at work on
  std::vector<Task> end();

 private:
  const Run& run_;
  std::size_t jobs_;
  std::shared_ptr<SharedProgress[]> progress_;  // of `jobs_` workers
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace varia::sweep
