#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "sweep/run_experiment.hpp"

namespace varia::cli {

/// Shows how a run goes, on standard error: one line that is redrawn on a terminal, plain lines
/// else. Failures and notes are shown even where it is quiet.
class ProgressDisplay final : public runner::RunObserver {
 public:
  enum class Style { terminal, lines, quiet };
  /// terminal or lines, by what standard error is.
  static Style detect();

  explicit ProgressDisplay(Style style);
  ~ProgressDisplay() override;  ///< leaves no half a line behind
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  void on_trial_start(const experiment::Trial& trial, std::size_t number,
                      std::size_t total) override;
  void on_step(std::int64_t step, std::int64_t steps, std::int64_t images, double loss) override;
  void on_record(const store::EpochRecord& record) override;
  void on_trial_end(const experiment::Trial& trial, const runner::TrialOutcome& outcome) override;
  void on_note(const std::string& note) override;

 private:
  using Clock = std::chrono::steady_clock;
  void draw();
  void erase();
  void print(const std::string& line);

  Style style_;
  bool line_drawn_ = false;  // one stands on the terminal, not ended
  std::string label_;        // "[2/6] loss.beta=4"
  std::size_t number_ = 0;
  std::size_t total_ = 0;
  std::int64_t records_ = 0;
  std::int64_t record_ = 0;
  std::int64_t step_ = 0;
  std::int64_t steps_ = 1;
  std::int64_t images_ = 0;  // of this trial
  double loss_ = 0;          // of the last step
  std::string losses_;       // of the last record
  Clock::time_point run_start_;
  Clock::time_point trial_start_;
  Clock::time_point drawn_;
};

/// "0:45", "12:33", "3:05:10"
std::string duration_text(double seconds);

}  // namespace varia::cli
