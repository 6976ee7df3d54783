#include "sweep/supervisor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sweep/cores.hpp"
#include "training/messages.hpp"
#include "varia/error.hpp"

namespace varia::sweep {

namespace {
constexpr std::chrono::milliseconds kListenFor{100};
constexpr std::chrono::seconds kLookAtHeldEvery{1};
constexpr std::chrono::seconds kLookAroundEvery{1};
using results::TrialState;

std::chrono::milliseconds milliseconds(double seconds) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::duration<double>(seconds));
}

std::optional<TimeLimit::Time> end_of(const RunOptions& options) {
  if (!options.deadline) return std::nullopt;
  return std::chrono::system_clock::from_time_t(*options.deadline);
}

std::size_t job_count(const Run& run) {
  if (run.options.jobs) return *run.options.jobs;
  if (run.params.jobs.has_value()) return static_cast<std::size_t>(run.params.jobs());
  if (const auto gpus = run.gpus.gpus.size(); gpus > 0)
    return gpus * static_cast<std::size_t>(run.params.trials_per_gpu());
  return std::max<std::size_t>(1, usable_cores() / threads_of(run.plan));
}

}  // namespace

Supervisor::Supervisor(const Run& run, TrialScheduler& scheduler, std::deque<Task>& admitted)
    : run_(run),
      states_(run.folder, run.registry, run.environment.versions),
      scheduler_(scheduler),
      admitted_(admitted),
      heartbeat_(run.folder.paths().runs(), milliseconds(run.params.lease() / 5)),
      watch_(run.folder.paths().runs(), milliseconds(run.params.lease())),
      time_limit_(end_of(run.options)),
      pool_(run, job_count(run)) {}

const experiment::Trial& Supervisor::trial_of(const Task& task) const {
  return run_.plan.trials[task.trial];
}

bool Supervisor::is_stopping() const { return run_.stop || fatal_ != nullptr; }

void Supervisor::run(std::deque<Task> tasks, RunSummary& summary) {
  summary_ = &summary;
  ready_ = std::move(tasks);
  total_ = ready_.size();
  while (!run_.abandon) {
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
        kListenFor, [this](auto& worker, const auto& message) { hear(worker, message); },
        [this](auto& worker) { died(worker); });
    for (const auto& worker : pool_.workers()) {
      worker->log.limit();
      if (worker->task) show_progress(*worker);
    }
    if (run_.params.trial_timeout.has_value())
      pool_.end_overdue(std::chrono::duration<double>(run_.params.trial_timeout()));
  }
  // Those that are still at work are killed with their workers.
  for (auto& task : pool_.end()) ready_.push_back(std::move(task));
  for (const auto& task : ready_)
    if (task.lease) files::release(*task.lease);
  if (exhausted_ && !is_stopping() && !run_.abandon)
    summary.stopped += ready_.size();
  else
    summary.left += ready_.size() + scheduler_.missing();
  summary.left += held_.size();
  summary.interrupted = summary.left > 0;
  if (fatal_) std::rethrow_exception(fatal_);
}

void Supervisor::look_again_at_held() {
  if (held_.empty() || Clock::now() - looked_at_held_ < kLookAtHeldEvery) return;
  looked_at_held_ = Clock::now();
  if (ready_.empty() && pool_.busy() == 0 && !told_of_held_) {
    told_of_held_ = true;
    const auto& trial = trial_of(held_.front());
    const auto holder = watch_.info(files::lease_holder(run_.folder.paths().in_progress(trial.id)));
    const auto who =
        holder.host.empty() ? "" : fmt::format(" (process {} on {})", holder.process, holder.host);
    run_.tell(&RunObserver::on_note,
              fmt::format("waiting for {} {} of another run of this experiment{}, until it ends or "
                          "has given no sign of life for {} s (run.lease)",
                          held_.size(), held_.size() == 1 ? "trial" : "trials", who,
                          run_.params.lease()));
  }
  for (auto& task : held_) {
    scheduler_.look_at(task.trial);
    ready_.push_back(std::move(task));
  }
  held_.clear();
}

void Supervisor::hand_out() {
  exhausted_ = false;
  try {
    while (has_room()) {
      if (auto task = next_task()) {
        if (!start(std::move(*task))) return;
      } else if (!has_more()) {
        exhausted_ = !scheduler_.waits();
        return;
      }
    }
  } catch (const Error&) {
    fatal_ = std::current_exception();
  }
}

bool Supervisor::has_room() {
  if (pool_.has_room()) return true;
  if (pool_.waits_for_gpu() && !std::exchange(told_of_gpus_, true))
    run_.tell(&RunObserver::on_note, "waiting for a GPU: other runs have all of them");
  return false;
}

/// Asks what else there is if the trials that are ready are not to be trained.
bool Supervisor::has_more() {
  if (scheduler_.more()) {
    for (auto& task : std::exchange(admitted_, {})) {
      task.number = ++total_;
      ready_.push_back(std::move(task));
    }
    return true;
  }
  const bool waits = pool_.busy() > 0 || !held_.empty();
  if (waits && Clock::now() - looked_around_ < kLookAroundEvery) return false;
  looked_around_ = Clock::now();
  return scheduler_.look_around();
}

/// True if another run has published the trial meanwhile; notes its token otherwise.
bool Supervisor::is_settled(Task& task) {
  const auto& trial = trial_of(task);
  if (!run_.folder.look_again(trial.id).stamp) return false;
  const auto status = states_.of(trial);
  if (status.published.token == task.published_token) return false;
  task.published_token = status.published.token;
  if (status.state != TrialState::done && status.state != TrialState::failed) return false;
  ++(status.state == TrialState::done ? summary_->kept : summary_->failed);
  run_.folder.remove_outdated(trial.id, status.published.token);
  return true;
}

/// Takes out of those that are ready the one that comes next.
std::optional<Task> Supervisor::choose() {
  while (const auto choice =
             scheduler_.next(ready_.empty() ? std::nullopt : std::optional(ready_.front().trial))) {
    const auto found = std::ranges::find(ready_, choice->trial, &Task::trial);
    if (found == ready_.end()) continue;
    auto task = std::move(*found);
    ready_.erase(found);
    task.until = choice->until;
    return task;
  }
  return std::nullopt;
}

std::optional<Task> Supervisor::next_task() {
  while (auto chosen = choose()) {
    auto& task = *chosen;
    if (task.lease) return chosen;  // is tried again
    try {
      if (is_settled(task)) {
        scheduler_.look_at(task.trial);
        continue;
      }
      task.lease = files::take_lease(run_.folder.paths().in_progress(trial_of(task).id),
                                     task.published_token, heartbeat_.id(), watch_);
      if (!task.lease) {
        held_.push_back(std::move(task));
        continue;
      }
      // Published between the look and the lease?
      const auto known = task.published_token;
      if (is_settled(task)) {
        files::clear(*task.lease);
        scheduler_.look_at(task.trial);
        continue;
      }
      if (task.published_token == known) return chosen;
      files::release(*task.lease);
      task.lease.reset();
      scheduler_.look_at(task.trial);
      ready_.push_front(std::move(task));
    } catch (const Error&) {
      ready_.push_front(std::move(task));
      throw;
    }
  }
  return std::nullopt;
}

bool Supervisor::start(Task task) {
  try {
    if (pool_.idle_worker(task.trial).start(task)) {
      run_.tell(&RunObserver::on_trial_start, trial_of(task), task.number, total_);
      return true;
    }
  } catch (const Error&) {
    ready_.push_front(std::move(task));
    throw;
  }
  // A worker that has died idle is found by `listen`; the trial waits for another one.
  scheduler_.look_at(task.trial);
  ready_.push_front(std::move(task));
  return false;
}

void Supervisor::hear(Worker& worker, const WorkerMessage& message) {
  if (!worker.task) return worker.kill("its process went on after the end of its trial");
  if (const auto* outcome = std::get_if<training::TrialOutcome>(&message))
    return ended(worker, *outcome);
  if (const auto* error = std::get_if<StoreError>(&message)) {
    fatal_ = std::make_exception_ptr(*error);
    return ended(worker, {training::TrialEnd::interrupted, ""});
  }
  const auto& trial = trial_of(*worker.task);
  if (const auto* metrics = std::get_if<MetricInfos>(&message))
    run_.tell(&RunObserver::on_metrics, *metrics);
  if (const auto* record = std::get_if<results::EpochRecord>(&message)) {
    show_progress(worker);  // first: a record comes after steps
    run_.tell(&RunObserver::on_record, trial, *record);
    try {
      scheduler_.hear(worker.task->trial, *record);
    } catch (const ConfigError&) {
      fatal_ = std::current_exception();
    }
  }
  if (const auto* picture = std::get_if<ViewMessage<results::Picture>>(&message))
    run_.tell(&RunObserver::on_picture, trial, picture->view, picture->content);
  if (const auto* points = std::get_if<ViewMessage<results::Points>>(&message))
    run_.tell(&RunObserver::on_points, trial, points->view, points->content);
}

void Supervisor::ended(Worker& worker, const training::TrialOutcome& outcome) {
  if (!worker.stepped) time_limit_.note_start(Clock::now() - worker.started);
  worker.log.append_to(run_.folder.paths().log(trial_of(*worker.task).id));
  settle(*std::exchange(worker.task, std::nullopt), outcome);
}

void Supervisor::settle(Task task, const training::TrialOutcome& outcome) {
  run_.tell(&RunObserver::on_trial_end, trial_of(task), outcome);
  const auto trial = task.trial;
  switch (outcome.end) {
    case training::TrialEnd::done:
      ++summary_->trained;
      break;
    case training::TrialEnd::failed:
      ++summary_->failed;
      scheduler_.fail(trial);
      break;
    case training::TrialEnd::superseded:
      task.lease.reset();
      held_.push_back(std::move(task));
      return;  // it is looked at when it is ready again
    case training::TrialEnd::interrupted:
      // Paused; another run may resume it.
      if (!is_stopping()) {
        files::release(*task.lease);
        task.lease.reset();
      }
      ready_.push_back(std::move(task));
      break;
  }
  scheduler_.look_at(trial);
}

void Supervisor::died(Worker& worker) {
  const auto end = worker.wait();
  auto task = std::exchange(worker.task, std::nullopt);
  if (!task) return;
  const auto& trial = trial_of(*task);
  const auto tail = worker.log.tail();
  worker.log.append_to(run_.folder.paths().log(trial.id));
  if (is_stopping()) {
    ready_.push_back(std::move(*task));
    return;
  }
  const auto step = std::max(worker.progress.begin.load(), worker.progress.step.load());
  const bool was_killed = !worker.killed_for.empty();
  auto error = was_killed ? fmt::format("{}, and was ended after step {}", worker.killed_for, step)
                          : fmt::format("its process {} after step {}", end.text(), step);
  const auto printed = tail.empty() ? "" : "; it printed: " + tail;
  const bool again = task->last_end == end && task->last_step == step;
  if (!was_killed && task->deaths < run_.params.retries() && !again) {
    ++task->deaths;
    task->last_end = end;
    task->last_step = step;
    run_.tell(
        &RunObserver::on_note,
        fmt::format("trial {} ({}): {}; it resumes from its checkpoint ({} of {} retries){}",
                    trial.id, trial.label(), error, task->deaths, run_.params.retries(), printed));
    scheduler_.look_at(task->trial);
    ready_.push_front(std::move(*task));
    return;
  }
  if (task->deaths > 0 && !was_killed)
    error += again ? ", again" : fmt::format(", after {} retries", task->deaths);
  give_up(std::move(*task), error + printed);
}

void Supervisor::give_up(Task task, const std::string& error) {
  const std::atomic<bool> never{false};
  try {
    const auto outcome = training::record_crash(job_of(run_, run_.environment, task, never), error);
    settle(std::move(task), outcome);
  } catch (const StoreError&) {
    fatal_ = std::current_exception();
    ready_.push_back(std::move(task));
  }
}

void Supervisor::show_progress(Worker& worker) {
  const auto& shared = worker.progress;
  const TrialProgress progress{shared.step, shared.steps, shared.images, shared.loss};
  if (progress.step == 0) return;
  if (!std::exchange(worker.stepped, true)) time_limit_.note_start(Clock::now() - worker.started);
  run_.tell(&RunObserver::on_progress, trial_of(*worker.task), progress);
}

}  // namespace varia::sweep
