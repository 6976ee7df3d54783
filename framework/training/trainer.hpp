#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "training/built_in_metrics.hpp"
#include "training/components.hpp"

namespace varia::training {

/// How far a trial goes.
Horizon horizon_of(const experiment::TrainParams& train, const Data& data);

/// Why a phase cannot be differentiated, one that trains something and whose objective was computed
/// with gradients. Empty: it can.
std::string gradient_problem(const Terms& terms, const Phase& phase);

/// What is recorded of a step.
struct StepRecord {
  std::int64_t step = 0;    ///< from 0
  std::int64_t images = 0;  ///< in its batch
  Scalars scalars;          ///< of the first phase, before the step
};

/// Takes the optimizer's steps of one trial. Every random number follows from the trial's seed and
/// the number of the step, so that a trainer can start at any step.
class Trainer {
 public:
  /// @param components    outlives the trainer
  /// @param least_records the run is lengthened to so many records if it is shorter
  Trainer(TrialComponents& components, std::uint64_t seed, std::int64_t least_records = 0);

  /// Of the whole run.
  const Horizon& horizon() const { return horizon_; }
  /// Steps from one record to the next: an epoch, or `train.evaluate_every`.
  std::int64_t steps_per_record() const { return steps_per_record_; }
  Progress progress(std::int64_t step) const;
  /// Records of the whole run; the last one may be shorter.
  std::int64_t records() const { return records_; }

  /// What schedules follow. It outlives the trainer.
  void follow(const std::map<std::string, Measured>& measured) { measured_ = &measured; }

  /// Sees what a step was taken on, without gradients.
  using Watch = std::function<void(const Inference& inference, const Batch& batch)>;
  /// Takes step number `step`, from 0; `watch` is called at its end.
  /// @throws TrialError naming the step and the term, if a phase's loss is not finite. Neither
  /// that phase nor one that shares its inference has then stepped. On a device that is not the
  /// CPU, take_records() finds it later: no step waits for the device.
  void step(std::int64_t step, const Watch& watch = {});
  /// What is recorded of the steps since the last call. It waits for the device.
  /// @throws TrialError as step() does
  std::vector<StepRecord> take_records();
  /// Whether take_records() is to be called only once in many steps.
  bool defers_records() const { return defers_records_; }

  /// From now on a gradient, or a parameter after a step, that is not finite is an error, too. That
  /// is a pass over all of them in every step, which waits for the device.
  void check_gradients() {
    checks_gradients_ = true;
    defers_records_ = false;
  }

 private:
  Tensor places_of(std::int64_t step);
  Batch batch_of(const Tensor& places, std::string_view purpose, std::int64_t step) const;
  void differentiate(std::size_t index, const Inference& inference, const Batch& batch,
                     const Progress& progress, bool keep_graph);
  void apply(std::size_t index);
  Draw draw(std::string_view purpose, std::int64_t step, std::int64_t samples = 1) const;

  TrialComponents& components_;
  std::uint64_t seed_;
  Horizon horizon_;
  std::int64_t records_;
  std::int64_t steps_per_record_ = 1;
  std::int64_t order_epoch_ = -1;
  Tensor order_;  // [N] int64, of order_epoch_
  bool checks_gradients_ = false;
  const std::map<std::string, Measured>* measured_ = nullptr;
  bool defers_records_;

  /// The terms of a phase that were not read yet.
  struct Unread {
    std::int64_t step;
    std::size_t phase;
    std::int64_t images;
  };
  void read();
  std::vector<Unread> unread_;
  std::vector<BatchTerms> unread_terms_;  // of `unread_`, each
  std::vector<StepRecord> step_records_;
};

}  // namespace varia::training
