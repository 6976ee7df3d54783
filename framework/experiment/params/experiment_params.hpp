#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "varia/parameters.hpp"

namespace varia::experiment {

/// The keys of an experiment file that are neither sections nor axes.
struct ExperimentParams final : ParamSet {
  Text name{this, "name", kUnset,
            "Names the results: results/NAME.h5. Unset: the name of the file without its ending."};
  Text extends{this, "extends", kUnset,
               "The experiment file that this one is laid over; relative to this file."};
  Integer seed{this,
               "seed",
               0,
               {0, std::numeric_limits<std::int64_t>::max()},
               "The seed of the experiment, which those of its trials follow from."};
  Integer trial_seed{
      this,
      "trial_seed",
      kUnset,
      {0, std::numeric_limits<std::int64_t>::max()},
      "The seed of the trial itself, in a file of one trial; it excludes replicates."};
  Integer replicates{this,
                     "replicates",
                     1,
                     {1, 1'000'000},
                     "Trials of each setting, which differ by their seeds alone."};
  TextList plugins{this,
                   "plugins",
                   {},
                   "Plugin libraries, or folders of them; relative to the file that has them."};

 protected:
  void check() const override {
    if (trial_seed.has_value() && replicates() != 1)
      fail(replicates, "with 'trial_seed' all would be the same; remove one of them");
    if (std::ranges::find(plugins(), "") != plugins().end())
      fail(plugins, "expected paths, found an empty text");
  }
};

}  // namespace varia::experiment
