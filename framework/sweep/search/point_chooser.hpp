#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "experiment/axes/searched_sweep.hpp"
#include "files/heartbeat.hpp"
#include "results/folder/results_folder.hpp"
#include "sweep/search/point_proposer.hpp"
#include "sweep/search/proposals.hpp"
#include "sweep/search/search_values.hpp"
#include "sweep/search/trial_chooser.hpp"

namespace varia::sweep {

/// What a run needs to let its plan grow.
struct Growth {
  Value random;           ///< of the sweep
  std::int64_t seed = 0;  ///< of the experiment
  /// Makes the plan with these points.
  std::function<experiment::Plan(const experiment::ProposedPoints&)> make_plan;
};

/// Proposes points by TPE, one at a time: each when a worker has nothing to do and all points of
/// the start have results. Runs that share the folder propose in turn, and all train all points.
class PointChooser final : public TrialChooser {
 public:
  /// Takes over the trials that have come into the plan, from the place `first` on. @returns
  /// whether any of them are to be trained
  using Admit = std::function<bool(std::size_t first)>;

  /// @param plan   grows; its trials keep their places in memory. It outlives this, and so do
  ///               `search`, `growth` and `folder`
  PointChooser(experiment::Plan& plan, const experiment::Search& search, const Growth& growth,
               results::ResultsFolder& folder, std::chrono::milliseconds patience, Admit admit);

  void look_at(std::size_t trial) override { looked_.reset(); }
  bool more() override;
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
