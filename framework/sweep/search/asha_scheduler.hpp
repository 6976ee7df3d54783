#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "experiment/params/search_params.hpp"
#include "experiment/plan.hpp"
#include "results/folder/results_folder.hpp"
#include "results/folder/trial_status.hpp"
#include "sweep/search/asha.hpp"
#include "sweep/search/trial_scheduler.hpp"

namespace varia::sweep {

/// Trains by successive halving over what trial files hold: the settings of a plan are the groups.
class AshaScheduler final : public TrialScheduler {
 public:
  /// Reads the files of all trials.
  /// @param plan   outlives this, and so do `search` and `folder`
  /// @param trials the plan's
  /// @param due    those that are to be trained, by index; the others count by what they hold
  AshaScheduler(const experiment::Plan& plan, const experiment::Search& search,
                results::ResultsFolder& folder, const std::vector<results::TrialStatus>& trials,
                const std::vector<std::size_t>& due);

  std::optional<TrialChoice> next(std::optional<std::size_t> first) override;
  void fail(std::size_t trial) override { asha_.fail(trial); }
  void look_at(std::size_t trial) override;
  bool look_around() override;
  std::string problem() const override;
  void hear(std::size_t trial, const results::EpochRecord& record) override;

  /// Says of due trials that are at rest why the search leaves them as they are, by what is known
  /// now.
  void explain(std::vector<results::TrialStatus>& trials) const;

 private:
  struct Known {
    results::TrialCurve curve;
    std::uint64_t before = 0;  // token of the file that was published before this run
    bool distrusted = false;   // whether that one does not count
    bool is_due = false;
    bool in_progress = false;  // here
  };
  bool read(std::size_t trial);
  /// What to do if all trials were stopped and none was trained to its end; empty otherwise.
  std::string none_whole() const;

  const experiment::Plan& plan_;
  const experiment::Search& search_;
  results::ResultsFolder& folder_;
  std::vector<Known> known_;
  Asha asha_;
};

/// If the experiment has a search that stops trials: says so in the states of those that it has
/// stopped.
void explain_search(const experiment::Plan& plan, const experiment::SharedSearch& search,
                    results::ResultsFolder& folder, std::vector<results::TrialStatus>& trials);

}  // namespace varia::sweep
