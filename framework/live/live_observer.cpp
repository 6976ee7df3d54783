#include "live/live_observer.hpp"

#include "runner/messages.hpp"
#include "sweep/trial_state.hpp"
#include "store/trial_reader.hpp"
#include "varia/error.hpp"

namespace varia::live {

namespace {

constexpr auto kShowEvery = std::chrono::milliseconds(200);

LiveState state_of(runner::TrialState state) {
  switch (state) {
    case runner::TrialState::fresh:
      return LiveState::fresh;
    case runner::TrialState::done:
      return LiveState::done;
    case runner::TrialState::partial:
      return LiveState::partial;
    case runner::TrialState::failed:
      return LiveState::failed;
  }
  return LiveState::fresh;
}

LiveState state_of(runner::TrialEnd end) {
  switch (end) {
    case runner::TrialEnd::done:
      return LiveState::done;
    case runner::TrialEnd::failed:
      return LiveState::failed;
    case runner::TrialEnd::interrupted:
      return LiveState::partial;
  }
  return LiveState::partial;
}

}  // namespace

LiveObserver::LiveObserver(LiveBoard& board, runner::ResultPaths paths)
    : board_(board), paths_(std::move(paths)) {}

void LiveObserver::on_plan(const experiment::Plan& plan,
                           const std::vector<runner::PlannedState>& states) {
  std::vector<LiveTrial> trials;
  for (std::size_t i = 0; i < plan.trials.size(); ++i) {
    const auto& trial = plan.trials[i];
    const auto state = state_of(states[i].state);
    trials.push_back({trial.id, runner::label_of(trial), state, runner::record_count(*trial.train),
                      state == LiveState::failed ? states[i].reason : "", 0, 0});
  }
  board_.set_trials(std::move(trials));
  for (std::size_t i = 0; i < plan.trials.size(); ++i) {
    const auto state = states[i].state;
    if (state == runner::TrialState::done || state == runner::TrialState::failed)
      show_kept(i, plan.trials[i].id);
  }
}

void LiveObserver::show_kept(std::size_t index, const std::string& id) {
  try {
    auto kept = store::read_trial(paths_.trial(id).string());
    for (const auto& record : kept.epochs) board_.add_record(index, record);
    for (auto& [name, view] : kept.views)
      if (!view.pictures.empty()) board_.set_picture(index, name, std::move(view.pictures.back()));
    for (auto& [name, points] : kept.points)
      if (!points.empty()) board_.set_points(index, name, std::move(points.back()));
  } catch (const Error& error) {
    board_.add_note(error.what());
  }
}

void LiveObserver::on_trial_start(const experiment::Trial& trial, std::size_t, std::size_t) {
  trial_ = static_cast<std::size_t>(trial.index);
  board_.start(trial_);
}

void LiveObserver::on_step(std::int64_t step, std::int64_t steps, std::int64_t, double) {
  const auto now = std::chrono::steady_clock::now();
  if (step != steps && now - shown_ < kShowEvery) return;
  shown_ = now;
  board_.set_progress(trial_, step, steps);
}

void LiveObserver::on_record(const store::EpochRecord& record) {
  board_.add_record(trial_, record);
}

void LiveObserver::on_picture(const std::string& view, const store::Picture& picture) {
  board_.set_picture(trial_, view, picture);
}

void LiveObserver::on_points(const std::string& view, const store::Points& points) {
  board_.set_points(trial_, view, points);
}

void LiveObserver::on_trial_end(const experiment::Trial&, const runner::TrialOutcome& outcome) {
  board_.end(trial_, state_of(outcome.end), outcome.error);
}

void LiveObserver::on_note(const std::string& note) { board_.add_note(note); }

}  // namespace varia::live
