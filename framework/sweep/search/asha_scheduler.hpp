#pragma once

#include <cstdint>
#include <vector>

#include "results/folder/trial_state.hpp"
#include "sweep/search/asha.hpp"
#include "sweep/search/search_metric.hpp"
#include "sweep/search/trial_scheduler.hpp"

namespace varia::sweep {

/// Trains by successive halving over what trial files hold: the settings of a plan are the groups.
class AshaScheduler final : public TrialScheduler {
 public:
  /// Reads the files of all trials.
  /// @param plan   outlives this
  /// @param states of all trials
  /// @param tasks  those that are to be trained; the others count by what they hold
  AshaScheduler(const experiment::Plan& plan, const experiment::Search& search,
                const ResultPaths& paths, const std::vector<PlannedState>& states,
                const std::deque<Task>& tasks);

  std::optional<Choice> next(const std::deque<Task>& ready) override;
  void look_at(std::size_t trial) override;
  bool look_around() override;
  void hear(std::size_t trial, const results::EpochRecord& record) override;

  /// Says in the states of tasks that are at rest why the search leaves them as they are.
  void explain(std::vector<PlannedState>& states) const;

 private:
  struct Known {
    SearchedTrial files;
    std::uint64_t before = 0;  // token of the file that was published before this run
    bool distrusted = false;   // whether that one does not count
    bool is_task = false;
    bool in_progress = false;  // here
  };
  bool read(std::size_t trial);

  const experiment::Plan& plan_;
  experiment::Search search_;
  SearchValues values_;
  std::vector<std::int64_t> lengths_;
  std::vector<Known> known_;
  Asha asha_;
};

/// If the experiment has a search that stops trials: says so in the states of those that it has
/// stopped.
void explain_search(const experiment::Plan& plan, const std::optional<experiment::Search>& search,
                    const ResultPaths& paths, std::vector<PlannedState>& states);

}  // namespace varia::sweep
