#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sweep/gpus/gpu_slots.hpp"
#include "sweep/run.hpp"
#include "sweep/workers/child_process.hpp"
#include "sweep/workers/trial_log.hpp"
#include "sweep/workers/worker_messages.hpp"

namespace varia::sweep {

/// What a worker and the supervisor tell each other without a message, in memory that both see.
struct SharedProgress {
  std::atomic<bool> stop{false};  ///< set by the supervisor: finish the step, checkpoint, return
  std::atomic<std::int64_t> begin{0};  ///< steps that were taken before it resumed
  std::atomic<std::int64_t> step{0};   ///< 0 before the first one ends
  std::atomic<std::int64_t> steps{0};
  std::atomic<std::int64_t> images{0};
  std::atomic<double> loss{0};

  void restart();
};

/// Memory for `count` of them that is shared with processes forked from now on. It outlives a
/// worker that dies, so what the worker did last is known.
/// @throws Error if there is no memory
std::shared_ptr<SharedProgress[]> share_progress(std::size_t count);

/// A process that runs one trial after another.
class Worker {
 public:
  using Clock = std::chrono::steady_clock;

  /// @param gpu       which it trains on; null: the CPU
  /// @param shared    in shared memory, of this worker alone
  /// @param inherited descriptors of this process that the worker must not keep open
  Worker(const Run& run, const Gpu* gpu, SharedProgress& shared, const std::vector<int>& inherited);

  /// Gives it a task. @returns false if it is dead
  bool start(const Task& given);
  int descriptor() const { return channel_.descriptor(); }
  /// What it has said since; nullopt if it is dead.
  std::optional<std::vector<WorkerMessage>> take();
  /// Whether it has sent something else than messages after these: its plugins may have written
  /// over its memory, or to the connection.
  bool is_garbled() const { return is_garbled_ || channel_.is_garbled(); }
  /// @param why "took too long": what its process has done
  void kill(const std::string& why);
  ProcessEnd wait() { return process_->wait(); }
  /// One that was killed is not, even if its trial has ended just in time.
  bool is_idle() const { return !task && killed_for.empty(); }

  SharedProgress& progress;
  const Gpu* const gpu;  ///< null: it trains on the CPU
  TrialLog log;
  const std::size_t trials;   ///< of the plan that it knows
  std::optional<Task> task;   ///< nullopt: it waits for one
  Clock::time_point started;  ///< when it got its task
  bool stepped = false;       ///< the task has taken a step
  std::string killed_for;     ///< why it was killed; empty: it was not

 private:
  Channel channel_;
  bool is_garbled_ = false;
  std::optional<ChildProcess> process_;
};

/// The worker processes of a run: at most as many as there are jobs, and as the GPUs have places if
/// the run has some; started when they are needed.
class WorkerPool {
 public:
  /// @param run outlives this; its plan may grow
  WorkerPool(const Run& run, std::size_t jobs);

  const std::vector<std::unique_ptr<Worker>>& workers() const { return workers_; }
  /// How many are at work on a trial.
  std::size_t busy() const;
  /// Whether one more can be; takes a place on a GPU for it if that is needed.
  /// @throws Error if GPUs cannot be locked
  bool has_room();
  /// True if nothing can be at work, since other runs have all GPUs.
  bool waits_for_gpu() const { return gpus_.size() > 0 && gpus_.taken().empty(); }
  /// A worker without a task that knows the trial; a new one if there is none. To be called
  /// if there is room; it may end those that are idle.
  Worker& idle_worker(std::size_t trial);
  /// Asks all to end after their steps.
  void ask_to_stop();
  /// Waits up to `longest` for messages and deaths. A dead worker is waited for by `died`, after
  /// which it is gone. One that sends something else than messages is killed.
  void listen(std::chrono::milliseconds longest,
              const std::function<void(Worker&, const WorkerMessage& message)>& hear,
              const std::function<void(Worker&)>& died);
  /// Kills those whose tasks have taken longer than `timeout`; their deaths are heard of later.
  void end_overdue(std::chrono::duration<double> timeout);
  /// Kills all. @returns what they were at work on
  std::vector<Task> end();

 private:
  const Gpu* free_gpu() const;

  const Run& run_;
  GpuSlots gpus_;
  std::size_t jobs_;
  std::shared_ptr<SharedProgress[]> progress_;  // of `jobs_` workers
  std::vector<std::unique_ptr<Worker>> workers_;
};

/// The job of a task that has a lease, for the worker that runs it and for the supervisor that
/// records its crash.
training::TrialJob job_of(const Run& run, const training::Environment& environment,
                          const Task& task, const std::atomic<bool>& stop);

}  // namespace varia::sweep
