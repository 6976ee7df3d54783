#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "files/run_beat.hpp"
#include "sweep/run_experiment.hpp"
#include "sweep/search/trial_scheduler.hpp"
#include "sweep/time_limit.hpp"
#include "sweep/workers/task.hpp"
#include "sweep/workers/worker_pool.hpp"

namespace varia::sweep {

/// Hands trials out to worker processes and sees to what becomes of them.
class Supervisor {
 public:
  /// @param scheduler says which trial comes next, and how far it is trained
  Supervisor(const WorkerSetup& setup, const RunOptions& options, TrialScheduler& scheduler,
             const std::atomic<bool>& stop, const std::atomic<bool>& abandon,
             RunObserver& observer);

  /// Runs the tasks, or what can be run of them until it is stopped.
  /// @param summary what is known before; added to
  /// @throws StoreError after the other trials were checkpointed, where results cannot be written
  void run(std::deque<Task> tasks, RunSummary& summary);

 private:
  using Clock = std::chrono::steady_clock;
  bool is_stopping() const;
  void look_again_at_held();
  void hand_out();
  bool has_more();
  std::optional<Task> choose();
  std::optional<Task> next_task();
  bool is_settled(Task& task);
  RunCommand command_of(const Task& task) const;
  /// @returns false where the worker is dead; the task is ready again then
  bool start(WorkerPlace& place, Task task);
  void hear(WorkerPlace& place, const std::string& message);
  void ended(WorkerPlace& place, const training::TrialOutcome& outcome);
  void died(WorkerPlace& place);
  void give_up(Task task, const std::string& error);
  void settle(Task task, const training::TrialOutcome& outcome);
  void show_progress(WorkerPlace& place);
  void give_back(const Task& task);
  const experiment::Trial& trial_of(const Task& task) const;

  WorkerSetup setup_;
  const RunOptions& options_;
  TrialScheduler& scheduler_;
  const std::atomic<bool>& stop_;
  const std::atomic<bool>& abandon_;
  RunObserver& observer_;
  const files::RunBeat beat_;
  files::RunWatch watch_;
  TimeLimit time_limit_;
  WorkerPool pool_;
  std::deque<Task> ready_;
  std::deque<Task> held_;  // by other runs
  Clock::time_point looked_at_held_;
  Clock::time_point looked_around_;
  bool exhausted_ = false;  // there is nothing to hand out
  bool told_of_held_ = false;
  std::size_t total_ = 0;
  std::optional<std::string> fatal_;
  RunSummary* summary_ = nullptr;
};

}  // namespace varia::sweep
