#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "experiment/plan.hpp"
#include "results/folder/merged_index.hpp"
#include "results/folder/result_paths.hpp"
#include "results/folder/runs_at_work.hpp"
#include "results/provenance.hpp"
#include "results/trial/trial_reader.hpp"
#include "training/environment.hpp"

namespace varia::sweep {

using results::TrialState;

/// What the results folder holds of a planned trial.
struct PlannedState {
  TrialState state = TrialState::fresh;
  std::string reason;  ///< why, for what is neither done nor untouched
  /// Records of the finished trial that is there, whatever it lacks; 0 where none is.
  std::int64_t finished_records = 0;
  std::uint64_t token = 0;  ///< of the published file; 0: none
  std::string cpu;          ///< that it was made on
  double seconds = 0;       ///< that its records took
  /// Records of the trial that is under way or was interrupted.
  std::int64_t records_under_way = 0;
  std::string held_by;   ///< the run that is at work on it; empty: none
  bool packed = false;   ///< done in the merged file alone; there is no trial file
  bool stopped = false;  ///< by the search: it is to stay as it is (see explain_search)
};

/// Tells the states of trials. What many trials share is read and compared once, so that 10,000
/// take well under a second. It knows the folder as it was when it first looked: make a new one to
/// look again.
class TrialStates {
 public:
  /// @param registry    outlives this
  /// @param environment tells, with the registry, what has changed since a trial was trained
  TrialStates(ResultPaths paths, const Registry& registry,
              const training::Environment& environment);
  ~TrialStates();

  /// Looks into the trial's files. One that is damaged counts as new.
  /// @throws StoreError where it is of another version, or the merged file cannot be read
  PlannedState of(const experiment::Trial& trial);

  /// Read at the first call. @throws StoreError
  const MergedIndex& merged();

 private:
  PlannedState published(const experiment::Trial& trial, const std::string& file);
  PlannedState packed(const experiment::Trial& trial);
  PlannedState compare(const experiment::Trial& trial, const results::TrialInfo& made,
                       const std::string& file);
  std::string lack(const experiment::Trial& trial, const results::TrialInfo& made,
                   const std::string& file);
  std::string change(const experiment::Trial& trial, const results::TrialInfo& made) const;
  void add_progress(const experiment::Trial& trial, PlannedState& state);
  const std::string& request(const experiment::Trial& trial);

  ResultPaths paths_;
  const Registry& registry_;
  results::Versions versions_;
  RunsAtWork runs_;
  std::set<std::string> under_way_;  // names of the folders in checkpoints/
  std::optional<MergedIndex> merged_;
  // Trials of one plan share their sections, so that few are looked at.
  using Asked = std::tuple<const void*, const void*, const void*>;  // train, metrics, views
  std::map<Asked, std::string> requests_;
  std::map<std::pair<std::string, std::string>, std::string> lacks_;  // by request made, asked for
};

/// The states of all trials of a plan.
std::vector<PlannedState> states_of(const experiment::Plan& plan, const ResultPaths& paths,
                                    const Registry& registry,
                                    const training::Environment& environment);

/// That of one. For several, TrialStates is much faster.
PlannedState state_of(const experiment::Trial& trial, const ResultPaths& paths,
                      const Registry& registry, const training::Environment& environment);

}  // namespace varia::sweep
