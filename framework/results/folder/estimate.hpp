#pragma once

#include <cstddef>
#include <vector>

#include "experiment/plan.hpp"
#include "results/folder/result_paths.hpp"
#include "results/folder/trial_status.hpp"

namespace varia::results {

/// What a sweep takes, judged by the trials of it that are done. NaN if none is.
struct Estimate {
  std::size_t measured = 0;  ///< trials that it rests on
  double seconds = 0;        ///< of the whole sweep, one trial after the other
  double seconds_left = 0;   ///< of what is neither done nor failed
  double bytes = 0;          ///< trial files, kept parameters and the merged file at the end
  std::size_t files = 0;     ///< at the end; known without any trial
};

/// A trial is judged by those done with the same data, model and loss, else by all that are done.
/// @param states those of the plan's trials
Estimate estimate(const experiment::Plan& plan, const std::vector<TrialStatus>& states,
                  const ResultPaths& paths);

/// The processors, GPUs among them, of finished trials and of this machine, sorted, each once. If
/// there is more than one, bits may differ between trials.
std::vector<std::string> processors(const std::vector<TrialStatus>& states,
                                    const std::string& this_one);

}  // namespace varia::results
