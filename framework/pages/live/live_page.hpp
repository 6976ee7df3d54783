#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pages/live/live_board.hpp"
#include "results/folder/result_paths.hpp"
#include "sweep/run_observer.hpp"

namespace varia::live {

class LiveServer;

/// The page that watches a run: an observer that puts on a board what the run reports, and serves
/// the board. The page ends with the object; a run that did not end by `finish` is shown as failed.
class LivePage final : public sweep::RunObserver {
 public:
  /// @param paths where the trials are whose results the run keeps: the page shows them too
  /// @param host, port as LiveServer takes them
  /// @throws ConfigError if the address or the port cannot be had
  LivePage(const std::string& experiment, results::ResultPaths paths, const std::string& host,
           std::optional<int> port);
  ~LivePage() override;
  LivePage(const LivePage&) = delete;
  LivePage& operator=(const LivePage&) = delete;

  std::string url() const;
  bool is_loopback() const;
  /// Tells the page how the run has ended.
  void finish(RunState state);

  void on_plan(const experiment::Plan& plan,
               const std::vector<results::TrialStatus>& states) override;
  void on_growth(const experiment::Plan& plan, std::size_t first) override;
  void on_trial_start(const experiment::Trial& trial, std::size_t number,
                      std::size_t total) override;
  void on_metrics(const std::map<std::string, results::MetricInfo>& metrics) override;
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
  void add_trial(const experiment::Trial& trial, const results::TrialStatus& status);

  results::ResultPaths paths_;
  LiveBoard board_;
  std::unique_ptr<LiveServer> server_;
  bool finished_ = false;
};

}  // namespace varia::live
