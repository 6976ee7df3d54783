#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "experiment/axes/searched_sweep.hpp"
#include "files/heartbeat.hpp"
#include "sweep/run.hpp"
#include "sweep/search/point_proposer.hpp"
#include "sweep/search/proposals.hpp"
#include "sweep/search/search_values.hpp"
#include "sweep/search/trial_chooser.hpp"

namespace varia::sweep {

/// Proposes points by TPE, one at a time: each when a worker has nothing to do and all points of
/// the start have results. Runs that share the folder propose in turn, and all train all points.
class PointChooser final : public TrialChooser {
 public:
  /// Takes over trials that have come into the plan: @returns the tasks for those from `first` on.
  using Admit = std::function<std::deque<Task>(std::size_t first)>;

  /// @param run outlives this; its plan grows, and its trials keep their places in memory
  PointChooser(const Run& run, Admit admit);

  void look_at(std::size_t trial) override { looked_.reset(); }
  std::deque<Task> more() override;
  bool waits() const override { return waits_; }
  std::size_t missing() const override {
    return (proposer_.count() - points()) * trials_per_point_;
  }
  void hear(std::size_t trial, const results::EpochRecord& record) override;

 private:
  using Clock = std::chrono::steady_clock;
  std::size_t points() const { return plan_.trials.size() / trials_per_point_; }
  std::optional<double> result_of(std::size_t point);
  void read_results();
  bool propose();
  bool grow(const std::vector<search::Proposal>& proposals);

  experiment::Plan& plan_;
  const experiment::Search& search_;
  const Growth& growth_;
  search::PointProposer proposer_;
  search::ProposalFile file_;
  SearchValues values_;
  std::filesystem::path lease_folder_;
  std::filesystem::path runs_;
  files::RunWatch watch_;
  Admit admit_;
  std::size_t trials_per_point_;
  std::map<std::size_t, double> results_;  // by point; NaN: failed
  std::optional<Clock::time_point> looked_;
  bool waits_ = false;
};

}  // namespace varia::sweep
