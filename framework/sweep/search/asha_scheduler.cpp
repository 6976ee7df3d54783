#include "sweep/search/asha_scheduler.hpp"

#include <fmt/format.h>

#include <utility>

namespace varia::sweep {

namespace {

std::vector<std::int64_t> lengths_of(const experiment::Plan& plan) {
  std::vector<std::int64_t> lengths;
  for (const auto& trial : plan.trials) lengths.push_back(record_count(*trial.train));
  return lengths;
}

/// The replicates of a setting follow each other in the plan.
std::vector<Asha::Trial> groups_of(const experiment::Plan& plan,
                                   const std::vector<std::int64_t>& lengths) {
  std::vector<Asha::Trial> trials;
  std::size_t groups = 0;
  for (std::size_t i = 0; i < plan.trials.size(); ++i) {
    if (plan.trials[i].replicate == 0) ++groups;
    trials.push_back({groups - 1, lengths[i]});
  }
  return trials;
}

bool is_whole(TrialState state) { return state == TrialState::done || state == TrialState::stale; }

}  // namespace

AshaScheduler::AshaScheduler(const experiment::Plan& plan, const experiment::Search& search,
                             const ResultPaths& paths, const std::vector<PlannedState>& states,
                             const std::deque<Task>& tasks)
    : plan_(plan),
      search_(search),
      values_(paths, search),
      lengths_(lengths_of(plan)),
      known_(plan.trials.size()),
      asha_(*search.asha(), groups_of(plan, lengths_)) {
  for (const auto& task : tasks) known_[task.trial].is_task = true;
  for (std::size_t i = 0; i < known_.size(); ++i) {
    auto& known = known_[i];
    const auto state = states[i].state;
    known.before = known.is_task ? states[i].token : 0;
    // What is run anew counts by what it comes to.
    known.distrusted = known.is_task && (is_whole(state) || state == TrialState::failed);
    if (state != TrialState::fresh) read(i);
    if (!known.is_task && is_whole(state)) asha_.finish(i);
    if (!known.is_task) asha_.take_out(i);
  }
}

/// @returns whether there is anything new
bool AshaScheduler::read(std::size_t trial) {
  auto& known = known_[trial];
  auto found = values_.of(plan_.trials[trial].id, known.distrusted ? known.before : 0);
  const bool is_new =
      !(found.values.size() == known.files.values.size() && found.done == known.files.done &&
        found.failed == known.files.failed && found.token == known.files.token);
  for (std::size_t i = known.files.values.size(); i < found.values.size(); ++i)
    asha_.record(trial, static_cast<std::int64_t>(i) + 1, found.values[i]);
  const bool is_of_now = !known.is_task || found.token != known.before;
  if (found.failed) asha_.fail(trial);
  if (found.done && is_of_now && asha_.records(trial) >= lengths_[trial]) asha_.finish(trial);
  known.files = std::move(found);
  return is_new;
}

std::optional<TrialScheduler::Choice> AshaScheduler::next(const std::deque<Task>& ready) {
  if (ready.empty()) return std::nullopt;
  const auto job = asha_.next();
  if (!job) return std::nullopt;
  known_[job->trial].in_progress = true;
  return Choice{job->trial, job->until == lengths_[job->trial] ? 0 : job->until};
}

void AshaScheduler::look_at(std::size_t trial) {
  read(trial);
  known_[trial].in_progress = false;
  asha_.put_back(trial);
}

bool AshaScheduler::look_around() {
  bool is_new = false;
  for (std::size_t i = 0; i < known_.size(); ++i)
    if (!known_[i].in_progress && !known_[i].files.done) is_new |= read(i);
  return is_new;
}

void AshaScheduler::hear(std::size_t trial, const results::EpochRecord& record) {
  require_metric(search_, plan_.trials[trial], record);
}

void AshaScheduler::explain(std::vector<PlannedState>& states) const {
  auto asha = asha_;
  const bool settled = !asha.next().has_value();
  while (asha.next()) continue;  // marks what is promoted by what is known
  for (std::size_t i = 0; i < known_.size(); ++i) {
    auto& state = states[i];
    const bool is_at_rest = state.held_by.empty() && state.finished_records == 0;
    const bool is_stopped = asha.state(i) == Asha::State::stopped;
    const bool is_dropped = asha.state(i) == Asha::State::dropped;
    if (!known_[i].is_task || !is_at_rest || !(is_stopped || is_dropped)) continue;
    state.stopped = settled || is_dropped;
    state.reason = fmt::format(
        "{} at epoch {} of {}{}",
        state.stopped ? "stopped by the search" : "not promoted by the search so far,",
        asha.records(i), asha.rungs(i).back(), is_dropped ? ": another replicate has failed" : "");
  }
}

void explain_search(const experiment::Plan& plan, const std::optional<experiment::Search>& search,
                    const ResultPaths& paths, std::vector<PlannedState>& states) {
  if (!search || search->asha() == nullptr) return;
  std::deque<Task> tasks;
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (states[i].state != TrialState::fresh && states[i].state != TrialState::partial) continue;
    Task task;
    task.trial = i;
    tasks.push_back(std::move(task));
  }
  AshaScheduler(plan, *search, paths, states, tasks).explain(states);
}

}  // namespace varia::sweep
