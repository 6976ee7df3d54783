#pragma once

#include "varia/parameters.hpp"

namespace varia::experiment {

/// `train:` how a trial is run.
struct TrainParams final : ParamSet {
  Integer epochs{this, "epochs", kUnset, {1, 1'000'000}, "Passes over the training data."};
  Integer steps{this, "steps", kUnset, {1, 1'000'000'000}, "Optimizer steps, in place of epochs."};
  Integer evaluate_every{this,
                         "evaluate_every",
                         kUnset,
                         {1, 1'000'000'000},
                         "Steps from one evaluation to the next; goes with steps."};
  Integer samples{
      this, "samples", 1, {1, 100'000}, "Latent samples drawn for each input (K) in training."};
  Choice device{this,
                "device",
                "auto",
                {"auto", "cpu", "cuda"},
                "Where to compute; auto takes a GPU where there is one."};
  Integer threads{
      this,
      "threads",
      1,
      {1, 1024},
      "Threads of one trial; matrix products outside of fully connected layers take one where "
      "OpenBLAS is the serial one. "
      "Results are bit-identical for one number of threads."};
  Integer record_every{this,
                       "record_every",
                       0,
                       {0, 1'000'000'000},
                       "Steps from one record of the loss terms to the next; 0 keeps none."};
  Choice keep{this,
              "keep",
              "last",
              {"none", "last", "best"},
              "Parameters to keep: those of the last epoch, or of the epoch with the lowest "
              "validation loss."};

  /// Records of a whole trial: epochs, or evaluations if its length is given in steps.
  std::int64_t record_count() const;
  /// True if the parameters of the trial are kept.
  bool keeps_parameters() const { return !keep.is("none"); }

 protected:
  void check() const override;
};

/// `run:` how trials are run; never part of what a trial is.
struct RunParams final : ParamSet {
  Integer jobs{this,
               "jobs",
               kUnset,
               {1, 4096},
               "Trials that run at the same time, each in a process of its own; unset: as many as "
               "there are cores for train.threads."};
  Integer retries{this,
                  "retries",
                  2,
                  {0, 1000},
                  "How often a trial is tried again whose process died. One that dies the same way "
                  "at the same step is not."};
  Real trial_timeout{this,
                     "trial_timeout",
                     kUnset,
                     {0.001, 1e9},
                     "Seconds after which a trial is ended as failed; unset: never."};
  Real checkpoint_every{this,
                        "checkpoint_every",
                        60.0,
                        {0, 1e9},
                        "The most seconds between two checkpoints of a trial; 0: one after every "
                        "step."};
  Real lease{
      this,
      "lease",
      60.0,
      {1, 1e6},
      "Seconds without a sign of life after which another run takes over the trials of a run "
      "on another machine."};
};

}  // namespace varia::experiment
