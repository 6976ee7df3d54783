#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "experiment/plan.hpp"
#include "results/folder/trial_status.hpp"
#include "results/records.hpp"
#include "training/run_trial.hpp"

namespace varia::sweep {

/// How far a trial is.
struct TrialProgress {
  std::int64_t step = 0;    ///< 0 before the first one ends
  std::int64_t steps = 0;   ///< of the whole trial; 0 if not known
  std::int64_t images = 0;  ///< trained on since it started or resumed
  double loss = 0;          ///< of the last step
};

/// Hears how a whole experiment goes. Several trials run at once; all calls come from one thread.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  /// Called first. @param trials what the results folder holds of each trial of the plan
  virtual void on_plan(const experiment::Plan& plan,
                       const std::vector<results::TrialStatus>& trials) {}
  /// Trials have come into the plan, from the index `first` on.
  virtual void on_growth(const experiment::Plan& plan, std::size_t first) {}
  /// @param number from 1 to `total`, of the trials that are run. A trial that is tried again after
  ///        a crash starts again with the same number.
  virtual void on_trial_start(const experiment::Trial& trial, std::size_t number,
                              std::size_t total) = 0;
  /// What the records of a trial that starts will have, by "split/name"; if `wants_pictures`.
  virtual void on_metrics(const std::map<std::string, results::MetricInfo>& metrics) {}
  /// About ten times a second for every trial that runs.
  virtual void on_progress(const experiment::Trial& trial, const TrialProgress& progress) = 0;
  virtual void on_record(const experiment::Trial& trial, const results::EpochRecord& record) = 0;
  /// A view's picture, or scatter plot, of the epoch whose record comes next.
  virtual void on_picture(const experiment::Trial& trial, const std::string& view,
                          const results::Picture& picture) {}
  virtual void on_points(const experiment::Trial& trial, const std::string& view,
                         const results::Points& points) {}
  virtual void on_trial_end(const experiment::Trial& trial,
                            const training::TrialOutcome& outcome) = 0;
  /// Something that people should know, and that stops nothing.
  virtual void on_note(const std::string& note) = 0;
  /// Whether pictures, points and the descriptions of metrics are wanted at all.
  virtual bool wants_pictures() const { return false; }
};

}  // namespace varia::sweep
