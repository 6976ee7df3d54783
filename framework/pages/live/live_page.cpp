#include "pages/live/live_page.hpp"

#include "pages/live/live_server.hpp"
#include "results/folder/results_folder.hpp"
#include "results/folder/trial_header.hpp"
#include "results/trial/trial_reader.hpp"
#include "varia/error.hpp"

namespace varia::live {

namespace {

/// A page fetches the last pictures in a fraction of a second.
constexpr auto kPatience = std::chrono::seconds(5);

std::size_t place_of(const experiment::Trial& trial) {
  return static_cast<std::size_t>(trial.index);
}

}  // namespace

LivePage::LivePage(const std::string& experiment, results::ResultPaths paths,
                   const std::string& host, std::optional<int> port)
    : paths_(std::move(paths)),
      board_(experiment, paths_.merged().string()),
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

void LivePage::add_trial(const experiment::Trial& trial, const results::TrialStatus& status) {
  results::TrialInfo info;
  info.id = trial.id;
  info.experiment = trial.plan->name;
  info.seed = static_cast<std::uint64_t>(trial.seed);
  info.replicate = trial.replicate;
  info.tags = trial.tags;
  info.notes = trial.notes;
  info.status = status.state;
  info.target_epochs = trial.train->record_count();
  if (status.state == results::TrialState::failed) info.error = status.reason.text();
  board_.add_trial(std::move(info), results::parameters_of(trial));
}

void LivePage::on_plan(const experiment::Plan& plan,
                       const std::vector<results::TrialStatus>& states) {
  for (std::size_t i = 0; i < plan.trials.size(); ++i) {
    add_trial(plan.trials[i], states[i]);
    if (states[i].published.token > 0) show_file(i, paths_.trial(plan.trials[i].id).string());
  }
}

void LivePage::on_growth(const experiment::Plan& plan, std::size_t first) {
  for (auto i = first; i < plan.trials.size(); ++i) add_trial(plan.trials[i], {});
}

void LivePage::show_file(std::size_t index, const std::string& path) {
  try {
    auto kept = results::read_trial(path);
    board_.add_metrics(kept.header.metrics);
    for (const auto& record : kept.epochs) board_.restore_record(index, record);
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

void LivePage::on_metrics(const std::map<std::string, results::MetricInfo>& metrics) {
  board_.add_metrics(metrics);
}

void LivePage::on_progress(const experiment::Trial& trial, const sweep::TrialProgress& progress) {
  board_.set_progress(place_of(trial), progress.step, progress.steps);
}

void LivePage::on_record(const experiment::Trial& trial, const results::EpochRecord& record) {
  board_.add_record(place_of(trial), record);
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
  board_.end(place_of(trial), training::state_after(outcome.end), outcome.error);
}

void LivePage::on_note(const std::string& note) { board_.add_note(note); }

}  // namespace varia::live
