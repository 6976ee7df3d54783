#pragma once

#include <cstdint>
#include <vector>

#include "results/folder/trial_state.hpp"
#include "sweep/search/halving.hpp"
#include "sweep/search/search_values.hpp"
#include "sweep/search/trial_chooser.hpp"

namespace varia::sweep {

/// Successive halving over what trial files hold.
class HalvingChooser final : public TrialChooser {
 public:
  /// Reads the files of all trials.
  /// @param plan   outlives this
  /// @param states of all trials
  /// @param tasks  those that are to be trained; the others count by what they hold
  HalvingChooser(const experiment::Plan& plan, const experiment::Search& search,
                 const results::ResultPaths& paths,
                 const std::vector<results::PlannedState>& states, const std::deque<Task>& tasks);

  std::optional<Choice> next(const std::deque<Task>& ready) override;
  void look_at(std::size_t trial) override;
  bool look_around() override;
  void hear(std::size_t trial, const results::EpochRecord& record) override;

  /// "stopped by the search at epoch 2 of 18", or empty, for each trial.
  std::vector<std::string> verdicts() const;

 private:
  struct Known {
    SearchedTrial files;
    std::uint64_t before = 0;  // token of the file that was published before this run
    bool distrusted = false;   // whether that one does not count
    bool is_task = false;
    bool under_way = false;  // here
  };
  bool read(std::size_t trial);

  const experiment::Plan& plan_;
  experiment::Search search_;
  SearchValues values_;
  std::vector<std::int64_t> lengths_;
  std::vector<Known> known_;
  search::Asha asha_;
};

/// Where the experiment has a search that stops trials: says so in the states of those that it has
/// stopped.
void explain_search(const experiment::Plan& plan, const std::optional<experiment::Search>& search,
                    const results::ResultPaths& paths, std::vector<results::PlannedState>& states);

}  // namespace varia::sweep
