#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "experiment/plan.hpp"
#include "runner/environment.hpp"
#include "sweep/result_paths.hpp"

namespace varia::sweep {

/// What the results folder holds of a planned trial.
/// - fresh: nothing;
/// - done: a published file with all that the experiment asks for;
/// - partial: it was interrupted, is under way, or lacks epochs, a metric or a view;
/// - failed;
/// - stale: done, but by another version of Varia or of one of its plugins.
enum class TrialState { fresh, done, partial, failed, stale };

/// "new", "done", "partial", "failed" or "stale".
const char* state_name(TrialState state);

struct PlannedState {
  TrialState state = TrialState::fresh;
  std::string reason;  ///< why, for what is neither done nor untouched
  /// Records of the finished trial that is there, whatever it lacks; 0 where none is.
  std::int64_t finished_records = 0;
  std::uint64_t token = 0;  ///< of the published file; 0: none
  std::string cpu;          ///< that it was made on
  double seconds = 0;       ///< that it took
};

/// Records of a whole trial: epochs, or evaluations where its length is given in steps.
std::int64_t record_count(const Value& train);

/// Looks into the trial's files. One that is damaged counts as new.
/// @param registry, environment to tell what has changed since; the versions of plugins are those
/// of
///        `runner::plugins_of`
/// @throws StoreError where it is of another version.
PlannedState state_of(const experiment::Trial& trial, const ResultPaths& paths,
                      const Registry& registry, const runner::Environment& environment);

}  // namespace varia::sweep
