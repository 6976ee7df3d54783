#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal/text.hpp"
#include "sweep/run_observer.hpp"

namespace varia::cli {

/// Shows how a run goes, on standard error: on a terminal a line for each trial that runs, which
/// are drawn again and again, and one for the whole; plain lines else. Failures and notes are shown
/// even where it is quiet. What cannot be shown is lost: a terminal that is gone, or a full disk
/// behind it, ends no run. Nor does a reader that is slow hold one for long: what it has no room
/// for after a second is dropped.
class ProgressDisplay final : public sweep::RunObserver {
 public:
  enum class Style { terminal, lines, quiet };
  /// terminal or lines, by what standard error is; lines where TERM is "dumb".
  static Style detect();

  /// @param hurry set: nothing more is shown that would have to wait for its reader
  ProgressDisplay(Style style, const std::atomic<bool>& hurry);
  ~ProgressDisplay() override;  ///< leaves no half a line behind
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  void on_trial_start(const experiment::Trial& trial, std::size_t number,
                      std::size_t total) override;
  void on_progress(const experiment::Trial& trial, const sweep::TrialProgress& progress) override;
  void on_record(const experiment::Trial& trial, const results::EpochRecord& record) override;
  void on_trial_end(const experiment::Trial& trial, const training::TrialOutcome& outcome) override;
  void on_note(const std::string& note) override;
  /// A line of its own, wrapped to the width of the terminal.
  void print(const std::string& line);

 private:
  using Clock = std::chrono::steady_clock;
  /// A trial that runs.
  struct Running {
    std::string label;  // "[2/6] loss.beta=4"
    std::int64_t records = 0;
    std::int64_t record = 0;
    std::int64_t first_step = 0;  // where it went on
    sweep::TrialProgress progress;
    std::string losses;  // of the last record
    Clock::time_point start;
    /// The part of it that is done, and that was done when it was started.
    double part() const { return part_at(progress.step); }
    double part_before() const { return part_at(first_step); }
    double part_at(std::int64_t step) const {
      return progress.steps == 0 ? 0
                                 : static_cast<double>(step) / static_cast<double>(progress.steps);
    }
  };
  void draw();
  void erase();
  void write(std::string_view text);
  std::string line_of(const Running& running) const;
  std::string summary_line() const;

  Style style_;
  TextStyle text_;
  const std::atomic<bool>& hurry_;
  bool is_unread_ = false;       // the reader has taken nothing for a while
  std::size_t lines_drawn_ = 0;  // they stand on the terminal, the cursor behind the last one
  std::map<std::int64_t, Running> running_;  // by the trial's index
  std::size_t total_ = 0;
  std::size_t ended_ = 0;
  std::size_t failed_ = 0;
  double done_before_ = 0;  // parts of trials that earlier runs had done
  Clock::time_point run_start_;
  Clock::time_point drawn_;
};

/// "0:45", "12:33", "3:05:10"
std::string duration_text(double seconds);

}  // namespace varia::cli
