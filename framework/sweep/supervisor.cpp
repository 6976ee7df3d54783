#include "sweep/supervisor.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "results/folder/left_behind.hpp"
#include "varia/error.hpp"

namespace varia::sweep {

namespace {
constexpr std::chrono::milliseconds kListenFor{100};
constexpr std::chrono::seconds kLookAtHeldEvery{1};
constexpr std::chrono::seconds kLookAroundEvery{1};
}  // namespace

Supervisor::Supervisor(const WorkerSetup& setup, const RunOptions& options, TrialChooser& chooser,
                       const std::atomic<bool>& stop, const std::atomic<bool>& abandon,
                       RunObserver& observer)
    : setup_(setup),
      options_(options),
      chooser_(chooser),
      stop_(stop),
      abandon_(abandon),
      observer_(observer),
      beat_(setup.paths.runs(),
            std::chrono::duration_cast<std::chrono::milliseconds>(options.lease / 5)),
      watch_(setup.paths.runs(),
             std::chrono::duration_cast<std::chrono::milliseconds>(options.lease)),
      time_limit_(options.deadline),
      pool_(setup_, options.jobs) {}

const experiment::Trial& Supervisor::trial_of(const Task& task) const {
  return setup_.plan.trials[task.trial];
}

bool Supervisor::is_stopping() const { return stop_ || fatal_.has_value(); }

void Supervisor::run(std::deque<Task> tasks, RunSummary& summary) {
  summary_ = &summary;
  ready_ = std::move(tasks);
  total_ = ready_.size();
  while (!abandon_) {
    if (is_stopping()) {
      pool_.ask_to_stop();
    } else if (time_limit_.allows_start(std::chrono::system_clock::now())) {
      look_again_at_held();
      hand_out();
    } else {
      exhausted_ = false;
      if (pool_.busy() == 0) break;
    }
    if (pool_.busy() == 0 && (is_stopping() || (exhausted_ && held_.empty()))) break;
    pool_.listen(
        kListenFor, [this](auto& place, const auto& message) { hear(place, message); },
        [this](auto& place) { died(place); });
    for (auto& place : pool_.places()) {
      place.worker->log().limit();
      if (place.task) show_progress(place);
    }
    if (options_.trial_timeout) pool_.end_overdue(*options_.trial_timeout);
  }
  // Those that are still at work are killed with their workers.
  for (auto& task : pool_.end()) ready_.push_back(std::move(task));
  for (const auto& task : ready_) give_back(task);
  if (exhausted_ && !is_stopping() && !abandon_)
    summary.stopped += ready_.size();
  else
    summary.left += ready_.size() + chooser_.missing();
  summary.left += held_.size();
  summary.interrupted = summary.left > 0;
  if (fatal_) throw StoreError("", *fatal_);
}

void Supervisor::look_again_at_held() {
  if (held_.empty() || Clock::now() - looked_at_held_ < kLookAtHeldEvery) return;
  looked_at_held_ = Clock::now();
  if (ready_.empty() && pool_.busy() == 0 && !told_of_held_) {
    told_of_held_ = true;
    const auto& trial = trial_of(held_.front());
    const auto holder = watch_.info(files::lease_holder(setup_.paths.under_way(trial.id)));
    observer_.on_note(fmt::format(
        "waiting for {} {} of another run of this experiment{}", held_.size(),
        held_.size() == 1 ? "trial" : "trials",
        holder.host.empty() ? ""
                            : fmt::format(" (process {} on {})", holder.process, holder.host)));
  }
  for (auto& task : held_) {
    chooser_.look_at(task.trial);
    ready_.push_back(std::move(task));
  }
  held_.clear();
}

void Supervisor::hand_out() {
  exhausted_ = false;
  while (pool_.has_room()) {
    if (auto task = next_task()) {
      auto& place = pool_.idle_place(task->trial);
      if (!start(place, std::move(*task))) return;
    } else if (fatal_ || !has_more()) {
      exhausted_ = !chooser_.waits();
      return;
    }
  }
}

/// Asks what else there is, where the trials that are ready are not to be trained.
bool Supervisor::has_more() {
  try {
    auto tasks = chooser_.more();
    for (auto& task : tasks) {
      task.number = ++total_;
      ready_.push_back(std::move(task));
    }
    if (!tasks.empty()) return true;
    const bool waits = pool_.busy() > 0 || !held_.empty();
    if (waits && Clock::now() - looked_around_ < kLookAroundEvery) return false;
    looked_around_ = Clock::now();
    return chooser_.look_around();
  } catch (const Error& error) {
    fatal_ = error.what();
    return false;
  }
}

/// True where another run has published the trial meanwhile; notes its token otherwise.
bool Supervisor::is_settled(Task& task) {
  const auto& trial = trial_of(task);
  if (!std::filesystem::exists(setup_.paths.trial(trial.id))) return false;
  const auto state = state_of(trial, setup_.paths, setup_.registry, setup_.environment);
  if (state.token == task.published) return false;
  task.published = state.token;
  if (state.state != TrialState::done && state.state != TrialState::failed) return false;
  ++(state.state == TrialState::done ? summary_->kept : summary_->failed);
  remove_outdated(setup_.paths, trial.id, state.token);
  return true;
}

/// Takes out of those that are ready the one that comes next.
std::optional<Task> Supervisor::choose() {
  const auto choice = chooser_.next(ready_);
  if (!choice) return std::nullopt;
  const auto found = std::find_if(ready_.begin(), ready_.end(),
                                  [&](const Task& task) { return task.trial == choice->trial; });
  auto task = std::move(*found);
  ready_.erase(found);
  task.until = choice->until;
  return task;
}

std::optional<Task> Supervisor::next_task() {
  while (auto chosen = choose()) {
    auto& task = *chosen;
    if (task.lease) return chosen;  // is tried again
    try {
      if (is_settled(task)) {
        chooser_.look_at(task.trial);
        continue;
      }
      task.lease = files::take_lease(setup_.paths.under_way(trial_of(task).id), task.published,
                                     beat_.id(), watch_);
      if (!task.lease) {
        held_.push_back(std::move(task));
        continue;
      }
      // Published between the look and the lease?
      const auto known = task.published;
      if (is_settled(task)) {
        files::clear(*task.lease);
        chooser_.look_at(task.trial);
        continue;
      }
      if (task.published == known) return chosen;
      files::release(*task.lease);
      task.lease.reset();
      chooser_.look_at(task.trial);
      ready_.push_front(std::move(task));
    } catch (const StoreError& error) {
      fatal_ = error.what();
      ready_.push_front(std::move(task));
      return std::nullopt;
    }
  }
  return std::nullopt;
}

RunCommand Supervisor::command_of(const Task& task) const {
  return {task.trial, task.lease->run, task.lease->token, task.finished_records,
          task.until, task.published};
}

bool Supervisor::start(WorkerPlace& place, Task task) {
  // A worker that has died idle is found by `listen`; the trial waits for another one.
  if (!place.worker->run(command_of(task))) {
    chooser_.look_at(task.trial);
    ready_.push_front(std::move(task));
    return false;
  }
  observer_.on_trial_start(trial_of(task), task.number, total_);
  place.started = Clock::now();
  place.stepped = false;
  place.task = std::move(task);
  return true;
}

void Supervisor::hear(WorkerPlace& place, const std::string& bytes) {
  const auto message = decode_message(bytes);
  if (const auto* end = std::get_if<EndMessage>(&message)) return ended(place, end->outcome);
  if (const auto* fatal = std::get_if<FatalMessage>(&message)) {
    fatal_ = fatal->error;
    return ended(place, {training::TrialEnd::interrupted, ""});
  }
  const auto& trial = trial_of(*place.task);
  if (const auto* record = std::get_if<RecordMessage>(&message)) {
    show_progress(place);  // first: a record comes after steps
    observer_.on_record(trial, record->record);
    try {
      chooser_.hear(place.task->trial, record->record);
    } catch (const ConfigError& error) {
      fatal_ = error.what();
    }
  }
  if (const auto* picture = std::get_if<PictureMessage>(&message))
    observer_.on_picture(trial, picture->view, picture->picture);
  if (const auto* points = std::get_if<PointsMessage>(&message))
    observer_.on_points(trial, points->view, points->points);
}

void Supervisor::ended(WorkerPlace& place, const training::TrialOutcome& outcome) {
  if (!place.stepped) time_limit_.note_start(Clock::now() - place.started);
  place.worker->log().append_to(setup_.paths.log(trial_of(*place.task).id));
  settle(*std::exchange(place.task, std::nullopt), outcome);
}

void Supervisor::settle(Task task, const training::TrialOutcome& outcome) {
  observer_.on_trial_end(trial_of(task), outcome);
  const auto trial = task.trial;
  switch (outcome.end) {
    case training::TrialEnd::done:
      ++summary_->trained;
      break;
    case training::TrialEnd::failed:
      ++summary_->failed;
      break;
    case training::TrialEnd::superseded:
      task.lease.reset();
      held_.push_back(std::move(task));
      return;  // it is looked at when it is ready again
    case training::TrialEnd::interrupted:
      // Paused; another run may go on with it.
      if (!is_stopping()) {
        files::release(*task.lease);
        task.lease.reset();
      }
      ready_.push_back(std::move(task));
      break;
  }
  chooser_.look_at(trial);
}

void Supervisor::died(WorkerPlace& place) {
  auto& worker = *place.worker;
  const auto end = worker.wait();
  const auto& progress = worker.progress();
  const auto step = std::max(progress.begin.load(), progress.step.load());
  auto task = std::exchange(place.task, std::nullopt);
  if (!task) return;
  const auto& trial = trial_of(*task);
  const auto tail = worker.log().tail();
  worker.log().append_to(setup_.paths.log(trial.id));
  if (is_stopping()) {
    ready_.push_back(std::move(*task));
    return;
  }
  const auto death = place.overdue ? fmt::format(
                                         "took longer than run.trial_timeout ({} s), and was ended "
                                         "after step {}",
                                         options_.trial_timeout->count(), step)
                                   : fmt::format("its process {} after step {}", end.text(), step);
  const bool again = !place.overdue && task->deaths < options_.retries && death != task->last_death;
  if (again) {
    ++task->deaths;
    task->last_death = death;
    observer_.on_note(
        fmt::format("trial {} ({}): {}; it goes on from its checkpoint ({} of {} "
                    "retries){}",
                    trial.id, trial.label(), death, task->deaths, options_.retries,
                    tail.empty() ? "" : "; it printed: " + tail));
    chooser_.look_at(task->trial);
    ready_.push_front(std::move(*task));
    return;
  }
  auto error = death;
  if (task->deaths > 0 && !place.overdue)
    error +=
        death == task->last_death ? ", again" : fmt::format(", after {} retries", task->deaths);
  if (!tail.empty()) error += "; it printed: " + tail;
  give_up(std::move(*task), error);
}

void Supervisor::give_up(Task task, const std::string& error) {
  const std::atomic<bool> never{false};
  try {
    const auto outcome = training::record_crash(job_of(setup_, command_of(task), never), error);
    settle(std::move(task), outcome);
  } catch (const StoreError& failure) {
    fatal_ = failure.what();
    ready_.push_back(std::move(task));
  }
}

void Supervisor::show_progress(WorkerPlace& place) {
  const auto& shared = place.worker->progress();
  const TrialProgress progress{shared.step, shared.steps, shared.images, shared.loss};
  if (progress.step == 0) return;
  if (!std::exchange(place.stepped, true)) time_limit_.note_start(Clock::now() - place.started);
  observer_.on_progress(trial_of(*place.task), progress);
}

void Supervisor::give_back(const Task& task) {
  if (task.lease) files::release(*task.lease);
}

}  // namespace varia::sweep
