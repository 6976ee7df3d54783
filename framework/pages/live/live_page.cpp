#include "pages/live/live_page.hpp"

#include "pages/live/live_server.hpp"
#include "results/folder/results_folder.hpp"
#include "results/trial/trial_reader.hpp"
#include "varia/error.hpp"

namespace varia::live {

namespace {

/// A page fetches the last pictures in a fraction of a second.
constexpr auto kPatience = std::chrono::seconds(5);

results::TrialState state_of(training::TrialEnd end) {
  switch (end) {
    case training::TrialEnd::done:
      return results::TrialState::done;
    case training::TrialEnd::failed:
      return results::TrialState::failed;
    case training::TrialEnd::interrupted:
    case training::TrialEnd::superseded:
      return results::TrialState::partial;
  }
  return results::TrialState::partial;
}

LiveTrial new_trial(const experiment::Trial& trial) {
  LiveTrial live;
  live.id = trial.id;
  live.label = trial.label();
  live.status = results::TrialState::fresh;
  live.target_epochs = trial.train->record_count();
  return live;
}

std::size_t place_of(const experiment::Trial& trial) {
  return static_cast<std::size_t>(trial.index);
}

}  // namespace

LivePage::LivePage(const std::string& experiment, results::ResultPaths paths,
                   const std::string& host, std::optional<int> port)
    : paths_(std::move(paths)),
      board_(experiment),
      server_(std::make_unique<LiveServer>(board_, host, port)) {}

LivePage::~LivePage() {
  if (!finished_) finish(RunState::failed);
  server_->close(kPatience);
}

std::string LivePage::url() const { return server_->url(); }
bool LivePage::is_loopback() const { return server_->is_loopback(); }

void LivePage::finish(RunState state) {
  finished_ = true;
  board_.finish(state);
}

void LivePage::on_plan(const experiment::Plan& plan,
                       const std::vector<results::TrialStatus>& states) {
  std::vector<LiveTrial> trials;
  for (std::size_t i = 0; i < plan.trials.size(); ++i) {
    trials.push_back(new_trial(plan.trials[i]));
    trials.back().status = states[i].state;
    if (trials.back().status == results::TrialState::failed)
      trials.back().error = states[i].reason.text();
  }
  board_.set_trials(std::move(trials));
  for (std::size_t i = 0; i < plan.trials.size(); ++i)
    if (states[i].published.token > 0) show_file(i, paths_.trial(plan.trials[i].id).string());
}

void LivePage::on_growth(const experiment::Plan& plan, std::size_t first) {
  std::vector<LiveTrial> trials;
  for (auto i = first; i < plan.trials.size(); ++i) trials.push_back(new_trial(plan.trials[i]));
  board_.add_trials(std::move(trials));
}

void LivePage::show_file(std::size_t index, const std::string& path) {
  try {
    auto kept = results::read_trial(path);
    board_.add_metrics(kept.header.metrics);
    for (const auto& record : kept.epochs) board_.add_record(index, record);
    for (auto& [name, view] : kept.views)
      if (!view.pictures.empty()) board_.set_picture(index, name, std::move(view.pictures.back()));
    for (auto& [name, points] : kept.points)
      if (!points.empty()) board_.set_points(index, name, std::move(points.back()));
  } catch (const Error& error) {
    board_.add_note(error.what());
  }
}

void LivePage::on_trial_start(const experiment::Trial& trial, std::size_t, std::size_t) {
  board_.start(place_of(trial));
  // Records from before it was interrupted.
  if (const auto file = results::newest_recorded(paths_, trial.id))
    show_file(place_of(trial), file->string());
}

void LivePage::learn_metrics(const std::string& path) {
  try {
    if (path.empty()) return;
    board_.add_metrics(results::read_trial_header(path).metrics);
  } catch (const Error&) {
    // Another file will tell.
  }
}

void LivePage::on_progress(const experiment::Trial& trial, const sweep::TrialProgress& progress) {
  board_.set_progress(place_of(trial), progress.step, progress.steps);
}

void LivePage::on_record(const experiment::Trial& trial, const results::EpochRecord& record) {
  // Its file, which is written from time to time, describes its metrics.
  board_.add_record(place_of(trial), record);
  if (board_.lacks_metrics())
    learn_metrics(results::newest_recorded(paths_, trial.id).value_or("").string());
}

void LivePage::on_picture(const experiment::Trial& trial, const std::string& view,
                          const results::Picture& picture) {
  board_.set_picture(place_of(trial), view, picture);
}

void LivePage::on_points(const experiment::Trial& trial, const std::string& view,
                         const results::Points& points) {
  board_.set_points(place_of(trial), view, points);
}

void LivePage::on_trial_end(const experiment::Trial& trial, const training::TrialOutcome& outcome) {
  board_.end(place_of(trial), state_of(outcome.end), outcome.error);
  if (board_.lacks_metrics()) learn_metrics(paths_.trial(trial.id).string());
}

void LivePage::on_note(const std::string& note) { board_.add_note(note); }

}  // namespace varia::live
