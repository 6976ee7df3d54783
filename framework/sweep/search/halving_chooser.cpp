#include "sweep/search/halving_chooser.hpp"

#include "sweep/search/searched_metric.hpp"

namespace varia::sweep {

namespace {

std::vector<std::int64_t> lengths_of(const experiment::Plan& plan) {
  std::vector<std::int64_t> lengths;
  for (const auto& trial : plan.trials) lengths.push_back(trial.train->record_count());
  return lengths;
}

using results::TrialState;

bool is_whole(TrialState state) { return state == TrialState::done || state == TrialState::stale; }

}  // namespace

HalvingChooser::HalvingChooser(const experiment::Plan& plan, const experiment::Search& search,
                               results::ResultsFolder& folder,
                               const std::vector<results::TrialStatus>& trials,
                               const std::vector<std::size_t>& due)
    : plan_(plan),
      search_(search),
      values_(folder, search.metric),
      lengths_(lengths_of(plan)),
      known_(plan.trials.size()),
      asha_(search::make_asha(plan, search, lengths_)) {
  for (const auto place : due) known_[place].is_due = true;
  for (std::size_t i = 0; i < known_.size(); ++i) {
    auto& known = known_[i];
    const auto state = trials[i].state;
    known.before = known.is_due ? trials[i].published_token : 0;
    // What is run anew counts by what it comes to.
    known.distrusted = known.is_due && (is_whole(state) || state == TrialState::failed);
    if (state != TrialState::fresh) read(i);
    if (!known.is_due && is_whole(state)) asha_.finish(i);
    if (!known.is_due) asha_.take_out(i);
  }
}

/// @returns whether there is anything new
bool HalvingChooser::read(std::size_t trial) {
  auto& known = known_[trial];
  auto found = values_.of(plan_.trials[trial].id, known.distrusted ? known.before : 0);
  const auto& [made, values] = found;
  const bool is_new = values.size() != known.curve.values.size() ||
                      made.status != known.curve.trial.status ||
                      made.token != known.curve.trial.token;
  for (std::size_t i = known.curve.values.size(); i < values.size(); ++i)
    asha_.record(trial, static_cast<std::int64_t>(i) + 1, values[i]);
  const bool is_of_now = !known.is_due || made.token != known.before;
  if (made.status == TrialState::failed) asha_.fail(trial);
  if (made.status == TrialState::done && is_of_now && asha_.records(trial) >= lengths_[trial])
    asha_.finish(trial);
  known.curve = std::move(found);
  return is_new;
}

std::optional<TrialChooser::Choice> HalvingChooser::next(std::optional<std::size_t> first) {
  if (!first) return std::nullopt;
  const auto job = asha_.next();
  if (!job) return std::nullopt;
  known_[job->trial].in_progress = true;
  return Choice{job->trial, job->until == lengths_[job->trial] ? 0 : job->until};
}

void HalvingChooser::look_at(std::size_t trial) {
  read(trial);
  known_[trial].in_progress = false;
  asha_.put_back(trial);
}

bool HalvingChooser::look_around() {
  bool is_new = false;
  for (std::size_t i = 0; i < known_.size(); ++i)
    if (!known_[i].in_progress && known_[i].curve.trial.status != TrialState::done)
      is_new |= read(i);
  return is_new;
}

void HalvingChooser::hear(std::size_t trial, const results::EpochRecord& record) {
  require_metric(search_, plan_.trials[trial], record);
}

std::vector<results::Reason> HalvingChooser::verdicts() const {
  auto asha = asha_;
  const bool settled = !asha.next().has_value();
  while (asha.next()) continue;  // marks what is promoted by what is known
  std::vector<results::Reason> reasons;
  for (std::size_t i = 0; i < known_.size(); ++i) reasons.push_back(verdict(asha, i, settled));
  return reasons;
}

void explain_search(const experiment::Plan& plan, const std::optional<experiment::Search>& search,
                    results::ResultsFolder& folder, std::vector<results::TrialStatus>& trials) {
  if (!search || search->asha() == nullptr) return;
  std::vector<std::size_t> due;
  for (std::size_t i = 0; i < trials.size(); ++i)
    if (trials[i].state == TrialState::fresh || trials[i].state == TrialState::partial)
      due.push_back(i);
  const auto verdicts = HalvingChooser(plan, *search, folder, trials, due).verdicts();
  for (const auto place : due) {
    auto& trial = trials[place];
    const bool is_at_rest = trial.run.empty() && trial.finished_records == 0;
    if (is_at_rest && verdicts[place].kind != results::Reason::Kind::none)
      trial.reason = verdicts[place];
  }
}

}  // namespace varia::sweep
