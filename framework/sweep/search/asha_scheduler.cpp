#include "sweep/search/asha_scheduler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "results/folder/monitored_values.hpp"
#include "sweep/search/search_metric.hpp"

namespace varia::sweep {

namespace {

/// The replicates of a setting follow each other in the plan.
std::vector<Asha::Trial> groups_of(const experiment::Plan& plan) {
  std::vector<Asha::Trial> trials;
  std::size_t groups = 0;
  for (const auto& trial : plan.trials) {
    if (trial.replicate == 0) ++groups;
    trials.push_back({groups - 1, trial.train->record_count()});
  }
  return trials;
}

using results::TrialState;

bool is_whole(TrialState state) { return state == TrialState::done || state == TrialState::stale; }

}  // namespace

AshaScheduler::AshaScheduler(const experiment::Plan& plan, const experiment::Search& search,
                             results::ResultsFolder& folder,
                             const std::vector<results::TrialStatus>& trials,
                             const std::vector<std::size_t>& due)
    : plan_(plan),
      search_(search),
      folder_(folder),
      known_(plan.trials.size()),
      asha_(search.asha()->min_epochs(), search.asha()->factor(), groups_of(plan)) {
  for (const auto index : due) known_[index].is_due = true;
  for (std::size_t i = 0; i < known_.size(); ++i) {
    auto& known = known_[i];
    const auto state = trials[i].state;
    known.before = known.is_due ? trials[i].published.token : 0;
    // What is run anew counts by what it comes to.
    known.distrusted = known.is_due && (is_whole(state) || state == TrialState::failed);
    if (state != TrialState::fresh) read(i);
    if (!known.is_due && is_whole(state)) asha_.finish(i);
    if (!known.is_due) asha_.take_out(i);
  }
}

/// @returns whether there is anything new
bool AshaScheduler::read(std::size_t trial) {
  auto& known = known_[trial];
  auto found =
      searched_curve(folder_, search_, plan_.trials[trial].id, known.distrusted ? known.before : 0);
  const auto& made = found.trial;
  const auto& values = found.values;
  const bool is_new = values.size() != known.curve.values.size() ||
                      made.status != known.curve.trial.status ||
                      made.token != known.curve.trial.token;
  for (std::size_t i = known.curve.values.size(); i < values.size(); ++i)
    asha_.record(trial, static_cast<std::int64_t>(i) + 1, values[i]);
  const bool is_of_now = !known.is_due || made.token != known.before;
  if (made.status == TrialState::failed) asha_.fail(trial);
  const bool is_whole = made.is_whole(asha_.length(trial)) && !values.empty();
  if (made.status == TrialState::done && is_of_now && is_whole) asha_.finish(trial);
  known.curve = std::move(found);
  return is_new;
}

std::optional<TrialChoice> AshaScheduler::next(std::optional<std::size_t> first) {
  if (!first) return std::nullopt;
  const auto job = asha_.next();
  if (!job) return std::nullopt;
  known_[job->trial].in_progress = true;
  return TrialChoice{job->trial, job->until == asha_.length(job->trial) ? 0 : job->until};
}

void AshaScheduler::look_at(std::size_t trial) {
  read(trial);
  known_[trial].in_progress = false;
  asha_.put_back(trial);
}

bool AshaScheduler::look_around() {
  bool is_new = false;
  for (std::size_t i = 0; i < known_.size(); ++i)
    if (!known_[i].in_progress && known_[i].curve.trial.status != TrialState::done)
      is_new |= read(i);
  return is_new;
}

void AshaScheduler::hear(std::size_t trial, const results::EpochRecord& record) {
  results::require_recorded(experiment::monitored_metric(search_), plan_.trials[trial], record);
}

std::string AshaScheduler::problem() const {
  bool has_values = false;
  for (const auto& known : known_) {
    has_values |= !known.curve.values.empty();
    if (std::ranges::any_of(known.curve.values, [](double value) { return std::isfinite(value); }))
      return none_whole();
  }
  return has_values ? no_finite_value(search_) : "";
}

std::string AshaScheduler::none_whole() const {
  const auto count = [&](Asha::State state) {
    std::size_t trials = 0;
    for (std::size_t i = 0; i < known_.size(); ++i) trials += asha_.state(i) == state ? 1 : 0;
    return trials;
  };
  using State = Asha::State;
  // Where some wait, another run has them.
  if (count(State::stopped) == 0 || count(State::whole) + count(State::waiting) > 0) return "";
  return fmt::format(
      "search: no trial was trained to its end: of n settings that have reached a rung n / {}, "
      "rounded down, are trained on, and there were too few. Try more settings, or a higher "
      "search.min_epochs",
      search_.asha()->factor());
}

void AshaScheduler::explain(std::vector<results::TrialStatus>& trials) const {
  using Kind = results::Reason::Kind;
  auto asha = asha_;
  const bool settled = !asha.next().has_value();
  while (asha.next()) continue;  // marks what is promoted by what is known
  for (std::size_t i = 0; i < known_.size(); ++i) {
    auto& trial = trials[i];
    if (!known_[i].is_due || !trial.run.empty() || trial.finished_records() > 0) continue;
    const auto state = asha.state(i);
    if (state != Asha::State::stopped && state != Asha::State::dropped) continue;
    const auto kind = state == Asha::State::dropped ? Kind::dropped
                      : settled                     ? Kind::stopped
                                                    : Kind::not_promoted;
    trial.reason = {.kind = kind,
                    .what = {},
                    .then = {},
                    .now = {},
                    .has = asha.records(i),
                    .wants = asha.length(i)};
  }
}

void explain_search(const experiment::Plan& plan, const experiment::SharedSearch& search,
                    results::ResultsFolder& folder, std::vector<results::TrialStatus>& trials) {
  if (!search || !search->asha()) return;
  std::vector<std::size_t> due;
  for (std::size_t i = 0; i < trials.size(); ++i)
    if (trials[i].state == TrialState::fresh || trials[i].state == TrialState::partial)
      due.push_back(i);
  AshaScheduler(plan, *search, folder, trials, due).explain(trials);
}

}  // namespace varia::sweep
