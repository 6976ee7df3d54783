#include "pages/live/live_observer.hpp"

#include "files/lease.hpp"
#include "results/folder/trial_state.hpp"
#include "results/trial/trial_reader.hpp"
#include "varia/error.hpp"

namespace varia::live {

namespace {

LiveState state_of(sweep::TrialState state) {
  switch (state) {
    case sweep::TrialState::fresh:
      return LiveState::fresh;
    case sweep::TrialState::done:
    case sweep::TrialState::stale:
      return LiveState::done;
    case sweep::TrialState::partial:
      return LiveState::partial;
    case sweep::TrialState::failed:
      return LiveState::failed;
  }
  return LiveState::fresh;
}

LiveState state_of(training::TrialEnd end) {
  switch (end) {
    case training::TrialEnd::done:
      return LiveState::done;
    case training::TrialEnd::failed:
      return LiveState::failed;
    case training::TrialEnd::interrupted:
    case training::TrialEnd::superseded:
      return LiveState::partial;
  }
  return LiveState::partial;
}

}  // namespace

LiveObserver::LiveObserver(LiveBoard& board, sweep::ResultPaths paths)
    : board_(board), paths_(std::move(paths)) {}

void LiveObserver::on_plan(const experiment::Plan& plan,
                           const std::vector<sweep::PlannedState>& states) {
  std::vector<LiveTrial> trials;
  for (std::size_t i = 0; i < plan.trials.size(); ++i) {
    const auto& trial = plan.trials[i];
    const auto state = state_of(states[i].state);
    trials.push_back({trial.id, trial.label(), state, trial.train->record_count(),
                      state == LiveState::failed ? states[i].reason : "", 0, 0});
  }
  board_.set_trials(std::move(trials));
  for (std::size_t i = 0; i < plan.trials.size(); ++i) {
    const auto& id = plan.trials[i].id;
    if (states[i].token > 0) show_file(i, paths_.trial(id).string());
  }
}

void LiveObserver::on_growth(const experiment::Plan& plan, std::size_t first) {
  std::vector<LiveTrial> trials;
  for (auto i = first; i < plan.trials.size(); ++i) {
    const auto& trial = plan.trials[i];
    trials.push_back(
        {trial.id, trial.label(), LiveState::fresh, trial.train->record_count(), "", 0, 0});
  }
  board_.add_trials(std::move(trials));
}

void LiveObserver::show_file(std::size_t index, const std::string& path) {
  try {
    auto kept = results::read_trial(path);
    for (const auto& record : kept.epochs) board_.add_record(index, record);
    for (auto& [name, view] : kept.views)
      if (!view.pictures.empty()) board_.set_picture(index, name, std::move(view.pictures.back()));
    for (auto& [name, points] : kept.points)
      if (!points.empty()) board_.set_points(index, name, std::move(points.back()));
  } catch (const Error& error) {
    board_.add_note(error.what());
  }
}

namespace {

std::size_t place_of(const experiment::Trial& trial) {
  return static_cast<std::size_t>(trial.index);
}

}  // namespace

void LiveObserver::on_trial_start(const experiment::Trial& trial, std::size_t, std::size_t) {
  board_.start(place_of(trial));
  // What it had recorded before it was interrupted.
  const auto files = files::token_files(paths_.under_way(trial.id), "trial", ".h5");
  if (!files.empty()) show_file(place_of(trial), files.front().path.string());
}

void LiveObserver::on_progress(const experiment::Trial& trial,
                               const sweep::TrialProgress& progress) {
  board_.set_progress(place_of(trial), progress.step, progress.steps);
}

void LiveObserver::on_record(const experiment::Trial& trial, const results::EpochRecord& record) {
  board_.add_record(place_of(trial), record);
}

void LiveObserver::on_picture(const experiment::Trial& trial, const std::string& view,
                              const results::Picture& picture) {
  board_.set_picture(place_of(trial), view, picture);
}

void LiveObserver::on_points(const experiment::Trial& trial, const std::string& view,
                             const results::Points& points) {
  board_.set_points(place_of(trial), view, points);
}

void LiveObserver::on_trial_end(const experiment::Trial& trial,
                                const training::TrialOutcome& outcome) {
  board_.end(place_of(trial), state_of(outcome.end), outcome.error);
}

void LiveObserver::on_note(const std::string& note) { board_.add_note(note); }

}  // namespace varia::live
