#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "experiment/plan.hpp"
#include "results/folder/results_folder.hpp"
#include "results/folder/trial_status.hpp"
#include "results/provenance.hpp"
#include "varia/registry.hpp"

namespace varia::results {

/// Tells whether the trials of a plan are done, and why not. What many of them share is compared
/// once.
class TrialStates {
 public:
  /// @param folder   outlives this
  /// @param registry outlives this; tells, with `versions`, what has changed since a trial was
  ///                 trained
  TrialStates(ResultsFolder& folder, const Registry& registry, Versions versions);

  /// The state by what the folder has read of the trial's files, with the progress of now. A trial
  /// whose file is damaged counts as fresh; one without a file is looked for in the merged file.
  /// @throws StoreError if a file is of another version, or the merged file cannot be read
  TrialStatus of(const experiment::Trial& trial);
  /// Those of all trials.
  std::vector<TrialStatus> of(const experiment::Plan& plan);

 private:
  Reason lack(const experiment::Trial& trial, const TrialInfo& made, bool packed);
  Reason request_lack(const experiment::Trial& trial, const TrialInfo& made,
                      const std::string& wanted);
  Reason change(const experiment::Trial& trial, const TrialInfo& made);
  void compare(const experiment::Trial& trial, const TrialInfo& made, TrialStatus& status);

  ResultsFolder& folder_;
  const Registry& registry_;
  Versions versions_;
  // Trials of one plan share their sections, so that few are looked at.
  template <std::size_t n>
  using Sections = std::array<const void*, n>;
  std::map<Sections<3>, std::string> requests_;                  // by train, metrics, views
  std::map<Sections<4>, std::vector<PluginVersion>> plugins_;    // by data, model, loss, optimizer
  std::map<std::pair<std::string, std::string>, Reason> lacks_;  // by requests: made, wanted
};

}  // namespace varia::results
