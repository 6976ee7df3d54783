#pragma once

#include "experiment/params/gpu_choice.hpp"
#include "varia/parameters.hpp"

namespace varia::experiment {

/// `train.stop:` a trial ends when a metric no longer becomes better.
struct StopParams final : ParamSet {
  Text metric{this, "metric", kUnset,
              "A metric of the validation split, such as validation/elbo; it declares itself "
              "whether higher or lower values are better."};
  Integer patience{this,
                   "patience",
                   10,
                   {1, 1'000'000},
                   "Evaluations of the metric without a better value after which the trial ends."};
  Real min_delta{this,
                 "min_delta",
                 0.0,
                 {0, 1e9},
                 "How much better than the best value so far a value must be to count."};
  Integer after{this,
                "after",
                0,
                {0, 1'000'000},
                "Epochs before the first one that counts, while a schedule is on its way, for "
                "instance; evaluations, where train.steps gives the length."};
  Choice restore{
      this,
      "restore",
      "best",
      {"best", "last"},
      "The parameters that the trial ends with, which its last epoch measures, shows and "
      "keeps: those of the best epoch, or of the last one."};
};

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
                {"auto", "cpu", "cuda", "xpu", "privateuseone"},
                "Where to compute; auto takes a GPU of CUDA if there is one. The last two are for "
                "builds of LibTorch that have such a device."};
  Choice data_on_device{
      this,
      "data_on_device",
      "auto",
      {"auto", "always", "never"},
      "Whether the values of the data lie on the device, once for all trials of a process, so that "
      "batches are gathered there: if they take less than 2 GiB and are not streamed (auto), all "
      "of them in any case (always), or none (never). Results do not depend on it."};
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
  Text keep{
      this, "keep", "last",
      "Parameters to keep: none, those of the last epoch (last), of the epoch with the lowest "
      "validation loss (best), or of the epoch that is best by a metric of the validation "
      "split, such as validation/nll."};
  Record<StopParams> stop{this, "stop", "End the trial early; unset: it is trained to its length."};

  /// Records of a whole trial: epochs, or evaluations if its length is given in steps.
  std::int64_t record_count() const;
  /// True if the parameters of the trial are kept.
  bool keeps_parameters() const { return keep() != "none"; }
  /// The metric by which the epoch is chosen whose parameters are kept; empty: it is the last one.
  std::string keep_metric() const;

 protected:
  void check() const override;
  bool in_force(const Parameter& parameter) const override;
};

/// `run:` how trials are run; never part of what a trial is.
struct RunParams final : ParamSet {
  Integer jobs{this,
               "jobs",
               kUnset,
               {1, 4096},
               "Trials that run at the same time, each in a process of its own; unset: as many as "
               "there are cores for train.threads, or GPUs for run.trials_per_gpu."};
  GpuChoice gpus{
      this, "gpus",
      "The GPUs of CUDA that trials run on, one trial on one GPU: those that are visible "
      "(auto), none of them, or some by their places among those of "
      "CUDA_VISIBLE_DEVICES."};
  Integer trials_per_gpu{this,
                         "trials_per_gpu",
                         1,
                         {1, 256},
                         "Trials that run on one GPU at the same time, those of other runs of the "
                         "same user on the machine included."};
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
  Text log_to{
      this, "log_to", kUnset,
      "A command of the shell that is told what happens while the run goes on, one JSON object a "
      "line on its standard input: trackers of experiments."};
  Text on_end{
      this, "on_end", kUnset,
      "A command of the shell that is called when the run has ended. What happened is in its "
      "environment: VARIA_EXPERIMENT, VARIA_STATE (done, failed or interrupted), "
      "VARIA_RESULTS, and the numbers of trials VARIA_TRAINED, VARIA_KEPT, VARIA_STOPPED, "
      "VARIA_FAILED, VARIA_LEFT."};
};

}  // namespace varia::experiment
