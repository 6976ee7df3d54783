#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "experiment/axes/random_axis.hpp"
#include "experiment/axes/searched_sweep.hpp"
#include "files/heartbeat.hpp"
#include "results/folder/results_folder.hpp"
#include "sweep/search/proposals.hpp"
#include "sweep/search/tpe.hpp"
#include "sweep/search/trial_scheduler.hpp"

namespace varia::sweep {

/// Proposes points of a `sweep.random` by a Tpe in the coordinates of its keys: logarithms for
/// log_uniform, whole numbers as a continuum that is rounded.
class PointProposer {
 public:
  /// @param seed of the experiment
  PointProposer(const Value& random, const experiment::TpeSearch& search, std::int64_t seed);

  /// The next point: a map from every key to its value. It is none of those that are there.
  /// @param points  all that are there, in order; the new one's index is their number
  /// @param results of some of them, by index: less is better; not finite: it has failed
  Value propose(const std::vector<Value>& points,
                const std::map<std::size_t, double>& results) const;

  /// The points that are drawn at the start.
  std::size_t startup() const { return startup_; }
  /// How many there may be in all.
  std::size_t count() const { return drawn_.size(); }

 private:
  std::vector<experiment::RandomDimension> dimensions_;
  std::vector<Value> drawn_;  // `count` points, as without a search
  std::size_t startup_;
  std::int64_t seed_;
  Tpe tpe_;
};

/// What a run needs to let its plan grow.
struct Growth {
  Value random;           ///< of the sweep
  std::int64_t seed = 0;  ///< of the experiment
  /// Makes the plan with these points.
  std::function<experiment::Plan(const experiment::ProposedPoints&)> make_plan;
};

/// Proposes points by TPE, one at a time: each when a worker is idle and all points of the start
/// have results. Runs that share the folder propose in turn, and all train all points.
class TpeSampler final : public TrialScheduler {
 public:
  /// Takes over trials that were added to the plan, from the index `first` on. @returns whether any
  /// of them are to be trained
  using Admit = std::function<bool(std::size_t first)>;

  /// @param plan     grows; its trials keep their places in memory. It outlives this, and so do
  ///                 `search`, `growth` and `folder`
  /// @param patience without a heartbeat, after which another run that proposes is taken for dead
  TpeSampler(experiment::Plan& plan, const experiment::Search& search, const Growth& growth,
             results::ResultsFolder& folder, std::chrono::milliseconds patience, Admit admit);

  void fail(std::size_t trial) override {
    failed_.insert(trial / trials_per_point_);
    results_[trial / trials_per_point_] = std::numeric_limits<double>::quiet_NaN();
  }
  void look_at(std::size_t trial) override { looked_.reset(); }
  bool more() override;
  bool waits() const override { return waits_; }
  std::size_t missing() const override {
    return (proposer_.count() - points()) * trials_per_point_;
  }
  std::string problem() const override;
  void hear(std::size_t trial, const results::EpochRecord& record) override;

 private:
  using Clock = std::chrono::steady_clock;
  std::size_t points() const { return plan_.trials.size() / trials_per_point_; }
  std::optional<double> result_of(std::size_t point);
  void read_results();
  bool propose();
  bool grow(const std::vector<Proposal>& proposals);

  experiment::Plan& plan_;
  const experiment::Search& search_;
  const Growth& growth_;
  PointProposer proposer_;
  ProposalFile file_;
  results::ResultsFolder& folder_;
  std::filesystem::path lease_folder_;
  std::filesystem::path runs_;
  files::RunWatch watch_;
  Admit admit_;
  std::size_t trials_per_point_;
  std::map<std::size_t, double> results_;  // by point; NaN: failed
  std::set<std::size_t> failed_;           // points of which a trial failed here
  std::optional<Clock::time_point> looked_;
  bool waits_ = false;
};

}  // namespace varia::sweep
