#pragma once

#include "experiment/experiment.hpp"
#include "varia/parameters.hpp"

namespace varia::experiment {

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

/// Reads `run:` of an experiment. @throws ConfigError
void load_run_params(const Experiment& experiment, RunParams& params);

}  // namespace varia::experiment
