#include "sweep/search/halving_chooser.hpp"

#include "sweep/search/searched_metric.hpp"

namespace varia::sweep {

namespace {

std::vector<std::int64_t> lengths_of(const experiment::Plan& plan) {
  std::vector<std::int64_t> lengths;
  for (const auto& trial : plan.trials) lengths.push_back(trial.train->record_count());
  return lengths;
}

bool is_whole(TrialState state) { return state == TrialState::done || state == TrialState::stale; }

}  // namespace

HalvingChooser::HalvingChooser(const experiment::Plan& plan, const experiment::Search& search,
                               const ResultPaths& paths, const std::vector<PlannedState>& states,
                               const std::deque<Task>& tasks)
    : plan_(plan),
      search_(search),
      values_(paths, search.metric),
      lengths_(lengths_of(plan)),
      known_(plan.trials.size()),
      asha_(search::make_asha(plan, search, lengths_)) {
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
bool HalvingChooser::read(std::size_t trial) {
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

std::optional<TrialChooser::Choice> HalvingChooser::next(const std::deque<Task>& ready) {
  if (ready.empty()) return std::nullopt;
  const auto job = asha_.next();
  if (!job) return std::nullopt;
  known_[job->trial].under_way = true;
  return Choice{job->trial, job->until == lengths_[job->trial] ? 0 : job->until};
}

void HalvingChooser::look_at(std::size_t trial) {
  read(trial);
  known_[trial].under_way = false;
  asha_.put_back(trial);
}

bool HalvingChooser::look_around() {
  bool is_new = false;
  for (std::size_t i = 0; i < known_.size(); ++i)
    if (!known_[i].under_way && !known_[i].files.done) is_new |= read(i);
  return is_new;
}

void HalvingChooser::hear(std::size_t trial, const results::EpochRecord& record) {
  require_metric(search_, plan_.trials[trial], record);
}

std::vector<std::string> HalvingChooser::verdicts() const {
  auto asha = asha_;
  const bool settled = !asha.next().has_value();
  while (asha.next()) continue;  // marks what is promoted by what is known
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < known_.size(); ++i) texts.push_back(verdict(asha, i, settled));
  return texts;
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
  const auto verdicts = HalvingChooser(plan, *search, paths, states, tasks).verdicts();
  for (const auto& task : tasks) {
    auto& state = states[task.trial];
    const bool is_at_rest = state.held_by.empty() && state.finished_records == 0;
    if (!is_at_rest || verdicts[task.trial].empty()) continue;
    state.reason = verdicts[task.trial];
    state.stopped = state.reason.rfind("stopped", 0) == 0;
  }
}

}  // namespace varia::sweep
