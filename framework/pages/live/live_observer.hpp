#pragma once

#include "pages/live/live_board.hpp"
#include "results/folder/result_paths.hpp"
#include "sweep/run_observer.hpp"

namespace varia::live {

/// Puts what a run tells on a board.
class LiveObserver final : public sweep::RunObserver {
 public:
  /// @param board outlives the observer
  /// @param paths where the trials are whose results a run keeps: the board shows them too
  LiveObserver(LiveBoard& board, results::ResultPaths paths);

  void on_plan(const experiment::Plan& plan,
               const std::vector<results::TrialStatus>& states) override;
  void on_growth(const experiment::Plan& plan, std::size_t first) override;
  void on_trial_start(const experiment::Trial& trial, std::size_t number,
                      std::size_t total) override;
  void on_progress(const experiment::Trial& trial, const sweep::TrialProgress& progress) override;
  void on_record(const experiment::Trial& trial, const results::EpochRecord& record) override;
  void on_picture(const experiment::Trial& trial, const std::string& view,
                  const results::Picture& picture) override;
  void on_points(const experiment::Trial& trial, const std::string& view,
                 const results::Points& points) override;
  void on_trial_end(const experiment::Trial& trial, const training::TrialOutcome& outcome) override;
  void on_note(const std::string& note) override;
  bool wants_pictures() const override { return true; }

 private:
  void show_file(std::size_t index, const std::string& path);

  LiveBoard& board_;
  results::ResultPaths paths_;
};

}  // namespace varia::live
