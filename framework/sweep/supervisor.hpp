#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "files/run_beat.hpp"
#include "sweep/run_experiment.hpp"
#include "sweep/task.hpp"
#include "sweep/time_limit.hpp"
#include "sweep/trial_chooser.hpp"

namespace varia::sweep {

/// Hands trials out to worker processes and sees to what becomes of them.
class Supervisor {
 public:
  /// @param chooser says which trial comes next, and how far it is trained
  Supervisor(const WorkerSetup& setup, const RunOptions& options, TrialChooser& chooser,
             const std::atomic<bool>& stop, const std::atomic<bool>& abandon,
             RunObserver& observer);

  /// Runs the tasks, or what can be run of them until it is stopped.
  /// @param summary what is known before; added to
  /// @throws StoreError after the other trials were checkpointed, where results cannot be written
  void run(std::deque<Task> tasks, RunSummary& summary);

 private:
  using Clock = std::chrono::steady_clock;
  struct Place {  // of a worker
    std::size_t slot = 0;
    std::size_t trials = 0;  // of the plan that the worker knows
    std::unique_ptr<Worker> worker;
    std::optional<Task> task;
    Clock::time_point started;
    bool stepped = false;
    bool overdue = false;
  };

  bool is_stopping() const;
  std::size_t busy() const;
  void look_again_at_held();
  void hand_out();
  bool has_more();
  bool has_room() const;
  static bool is_idle(const Place& place);
  Place& idle_place(const Task& task);
  std::optional<Task> choose();
  std::optional<Task> next_task();
  bool is_settled(Task& task);
  RunCommand command_of(const Task& task) const;
  /// @returns false where the worker is dead; the task is ready again then
  bool start(Place& place, Task task);
  void listen();
  void hear(Place& place, const std::string& message);
  void ended(Place& place, const runner::TrialOutcome& outcome);
  void died(Place& place);
  void give_up(Task task, const std::string& error);
  void settle(Task task, const runner::TrialOutcome& outcome);
  void show_progress();
  void show_progress(Place& place);
  void end_overdue();
  void give_back(const Task& task);
  const experiment::Trial& trial_of(const Task& task) const;

  WorkerSetup setup_;
  const RunOptions& options_;
  TrialChooser& chooser_;
  const std::atomic<bool>& stop_;
  const std::atomic<bool>& abandon_;
  RunObserver& observer_;
  const files::RunBeat beat_;
  files::RunWatch watch_;
  TimeLimit time_limit_;
  SharedProgressTable progress_;
  std::vector<Place> places_;
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
