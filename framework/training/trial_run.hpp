#pragma once

#include <chrono>
#include <exception>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "results/trial/trial_file.hpp"
#include "training/checkpoint/checkpoint.hpp"
#include "training/components.hpp"
#include "training/evaluation/evaluator.hpp"
#include "training/run_trial.hpp"
#include "training/trainer.hpp"
#include "training/trial_folder.hpp"

namespace varia::training {

/// One run of one trial, from its beginning or from its newest good checkpoint: what the trial is
/// made of, and what it has recorded. Private to framework/training.
class TrialRun {
 public:
  /// Builds the components, and resumes from the newest good checkpoint if there is one.
  /// @throws ConfigError, DataError, StoreError
  TrialRun(const TrialJob& job, TrialObserver& observer);

  /// See run_trial.
  TrialOutcome run();

 private:
  using Clock = std::chrono::steady_clock;

  /// Thrown if another run has the trial.
  struct Superseded {};

  // resume.cpp: takes the newest good checkpoint, if there is one, and writes checkpoints.

  void resume();
  /// @throws StoreError, TrialError if it does not serve this trial
  void resume_from(const files::TokenFile& saved, std::uint64_t limit);
  /// Commits the trial's file and writes a checkpoint, if there is anything new and the metrics can
  /// tell what they gathered.
  /// @throws StoreError, Superseded
  void save();
  bool is_time_to_save(std::chrono::duration<double> every) const {
    return Clock::now() - saved_at_ >= every;
  }

  /// @throws TrialError naming a parameter that is not finite: a finite loss can leave a gradient,
  /// and so parameters, that are not
  void require_finite() const;
  /// What an error of that text comes from. If parameters are not finite, that is the first step
  /// whose gradients or parameters were not, which is found by taking the steps since the last
  /// checkpoint again; if it is told to stop meanwhile, and else, it is the error itself.
  std::string cause_of(const std::string& error) const;

  // trial_run.cpp: takes the steps, records, and publishes.

  TrialOutcome train();
  /// @throws TrialError unless the data still have the digest that the trial's id was made from
  void require_same_data() const;
  TrialOutcome finish(results::TrialState status, const std::string& error);

  /// A metric of the validation split that decides something; of no name if there is none.
  struct Monitored {
    std::string metric;
    Better order = Better::neither;
  };
  Monitored monitored(const std::string& metric) const;
  /// True if the trial has all the records that it will have.
  bool has_ended() const;
  /// The record at which a metric that is due at the last one must be ready to be measured.
  std::int64_t possible_last(std::int64_t record) const;

  /// @returns false if it was interrupted
  bool run_record();
  void take_steps(std::int64_t end);
  /// What is recorded after the steps of a record. The components have the parameters of the best
  /// epoch after the last record, if the trial ends with those.
  /// @throws TrialError, Interrupted: the components are as after the steps
  void measure(results::EpochRecord& entry, EarlyStopping& stopping);
  void evaluate(results::EpochRecord& entry, const Split& split, std::int64_t last);
  void render(std::int64_t record, std::int64_t last);
  void keep_parameters(const results::EpochRecord& entry);
  /// Takes what the trainer has recorded.
  void record_steps();
  /// Whether `train.record_every` keeps what is recorded of a step, from 1.
  bool is_recorded(std::int64_t step) const;
  void keep_step(std::int64_t step, const std::map<std::string, double>& values);
  void describe(const std::string& split, const Evaluator::Result& result);

  double seconds_since_start() const;

  const TrialJob& job_;
  TrialObserver& observer_;
  TrialFolder folder_;
  TrialComponents components_;
  Trainer trainer_;
  Evaluator evaluator_;
  std::int64_t records_;  // of the whole trial, if it is not stopped early
  results::TrialHeader header_;
  Checkpoint now_;  // where the trial stands; the state of the components is theirs
  std::optional<results::TrialFile> file_;
  std::set<std::string> described_;
  Monitored kept_by_;
  Monitored stopped_by_;
  std::map<std::string, Measured> measured_;  // what schedules follow

  Clock::time_point started_;  // with the record in progress

  std::int64_t saved_step_ = 0;  // of the last checkpoint
  std::int64_t saved_records_ = 0;
  int saves_ = 0;
  Clock::time_point saved_at_ = Clock::now();
};

}  // namespace varia::training
