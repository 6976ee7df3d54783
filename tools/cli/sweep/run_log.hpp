#pragma once

#include <functional>
#include <string>

#include "cli/sweep/command_input.hpp"
#include "results/folder/result_paths.hpp"
#include "sweep/run_observer.hpp"

namespace varia::cli {

/// Tells a command what a run reports while it goes on: `run.log_to`. The command reads one JSON
/// object a line, which the reference of experiment files describes.
///
/// A command that ends, or does not keep up, ends no run: the results are in the files.
class RunLog final : public sweep::RunObserver {
 public:
  /// @param command of the shell
  /// @param paths where the records are of trials that resume
  /// @throws Error if it cannot be started
  RunLog(const std::string& command, results::ResultPaths paths);

  /// Waits until the command has read all and has ended.
  /// @param give_up true: waits no longer
  /// @returns what went wrong; empty if nothing did
  std::string finish(const std::function<bool()>& give_up);

  void on_plan(const experiment::Plan& plan,
               const std::vector<results::TrialStatus>& trials) override;
  void on_trial_start(const experiment::Trial& trial, std::size_t number,
                      std::size_t total) override;
  void on_progress(const experiment::Trial& trial, const sweep::TrialProgress& progress) override;
  void on_record(const experiment::Trial& trial, const results::EpochRecord& record) override;
  void on_picture(const experiment::Trial& trial, const std::string& view,
                  const results::Picture& picture) override;
  void on_trial_end(const experiment::Trial& trial, const training::TrialOutcome& outcome) override;
  void on_note(const std::string&) override {}
  bool wants_pictures() const override { return true; }

 private:
  results::ResultPaths paths_;
  CommandInput command_;
  bool is_behind_ = false;  ///< it was given up, since too much waited

  void tell(const std::string& line);
};

}  // namespace varia::cli
