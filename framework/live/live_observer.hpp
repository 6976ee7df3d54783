#pragma once

#include <chrono>

#include "live/live_board.hpp"
#include "sweep/run_experiment.hpp"

namespace varia::live {

/// Puts what a run tells on a board.
class LiveObserver final : public runner::RunObserver {
 public:
  /// @param board outlives the observer
  /// @param paths where the trials are whose results a run keeps: the board shows them too
  LiveObserver(LiveBoard& board, runner::ResultPaths paths);

  void on_plan(const experiment::Plan& plan,
               const std::vector<runner::PlannedState>& states) override;
  void on_trial_start(const experiment::Trial& trial, std::size_t number,
                      std::size_t total) override;
  void on_step(std::int64_t step, std::int64_t steps, std::int64_t images, double loss) override;
  void on_record(const store::EpochRecord& record) override;
  void on_picture(const std::string& view, const store::Picture& picture) override;
  void on_points(const std::string& view, const store::Points& points) override;
  void on_trial_end(const experiment::Trial& trial, const runner::TrialOutcome& outcome) override;
  void on_note(const std::string& note) override;

 private:
  void show_kept(std::size_t index, const std::string& id);

  LiveBoard& board_;
  runner::ResultPaths paths_;
  std::size_t trial_ = 0;  // the one that runs
  std::chrono::steady_clock::time_point shown_;
};

}  // namespace varia::live
