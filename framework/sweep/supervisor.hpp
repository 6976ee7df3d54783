#pragma once

#include <algorithm>
#include <chrono>
#include <deque>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "files/heartbeat.hpp"
#include "results/folder/trial_states.hpp"
#include "sweep/run.hpp"
#include "sweep/search/trial_scheduler.hpp"
#include "sweep/workers/worker_pool.hpp"

namespace varia::sweep {

/// When the machine is taken away, and whether a trial can still be started before.
class TimeLimit {
 public:
  using Time = std::chrono::system_clock::time_point;

  /// @param end nullopt: there is no limit
  explicit TimeLimit(std::optional<Time> end) : end_(end) {}

  /// A trial took its first step this long after it was handed to a worker.
  void note_start(std::chrono::duration<double> took) { slowest_ = std::max(slowest_, took); }

  /// False if a trial that is handed out now might not reach a checkpoint. It can write one
  /// after its first step, which is given twice the time that the slowest start took, and a second
  /// more for writing.
  bool allows_start(Time now) const {
    return !end_ || now + 2 * slowest_ + std::chrono::seconds(1) < *end_;
  }

 private:
  std::optional<Time> end_;
  std::chrono::duration<double> slowest_{0};
};

/// Hands trials out to worker processes and sees to what becomes of them.
class Supervisor {
 public:
  /// @param scheduler says which trial comes next, and how far it is trained
  /// @param admitted  tasks for the trials that `scheduler` adds to the plan; taken from here
  Supervisor(const Run& run, TrialScheduler& scheduler, std::deque<Task>& admitted);

  /// Runs the tasks, or what can be run of them until it is stopped.
  /// @param summary what is known before; added to
  /// @throws Error after the trials at work were checkpointed, if the run cannot go on: StoreError
  ///         if results cannot be written
  void run(std::deque<Task> tasks, RunSummary& summary);

 private:
  using Clock = std::chrono::steady_clock;
  bool is_stopping() const;
  void look_again_at_held();
  void hand_out();
  bool has_room();
  bool has_more();
  std::optional<Task> choose();
  std::optional<Task> next_task();
  bool is_settled(Task& task);
  /// @returns false if the worker is dead; the task is ready again then, as after an error
  bool start(Task task);
  void hear(Worker& worker, const WorkerMessage& message);
  void ended(Worker& worker, const training::TrialOutcome& outcome);
  void died(Worker& worker);
  void give_up(Task task, const std::string& error);
  void settle(Task task, const training::TrialOutcome& outcome);
  void show_progress(Worker& worker);
  const experiment::Trial& trial_of(const Task& task) const;

  const Run& run_;
  results::TrialStates states_;
  TrialScheduler& scheduler_;
  std::deque<Task>& admitted_;
  const files::Heartbeat heartbeat_;
  files::RunWatch watch_;
  TimeLimit time_limit_;
  WorkerPool pool_;
  std::deque<Task> ready_;
  std::deque<Task> held_;  // by other runs
  Clock::time_point looked_at_held_;
  Clock::time_point looked_around_;
  bool exhausted_ = false;  // there is nothing to hand out
  bool told_of_held_ = false;
  bool told_of_gpus_ = false;
  std::size_t total_ = 0;
  std::exception_ptr fatal_;  // why the run cannot go on
  RunSummary* summary_ = nullptr;
};

}  // namespace varia::sweep
