#pragma once

#include <string>
#include <vector>

#include "experiment/plan.hpp"
#include "runner/result_paths.hpp"

namespace varia::runner {

/// What the results folder holds of a planned trial.
enum class TrialState { fresh, done, partial, failed };

/// "new", "done", "partial" or "failed".
const char* state_name(TrialState state);

struct PlannedState {
  TrialState state = TrialState::fresh;
  std::string reason;  ///< why, for what is neither done nor untouched
  /// Records of the finished trial that is there, whatever it lacks; 0 where none is.
  std::int64_t finished_records = 0;
};

/// Records of a whole trial: epochs, or evaluations where its length is given in steps.
std::int64_t record_count(const Value& train);

/// Looks into the trial's file. One that is damaged counts as new.
/// @throws StoreError where it is of another version.
PlannedState state_of(const experiment::Trial& trial, const ResultPaths& paths);

}  // namespace varia::runner
