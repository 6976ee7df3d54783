#include "sweep/workers/worker_pool.hpp"

#include <poll.h>

#include <algorithm>
#include <utility>

namespace varia::sweep {

WorkerPool::WorkerPool(const Run& run, std::size_t jobs)
    : run_(run), jobs_(jobs), progress_(share_progress(jobs)) {}

std::size_t WorkerPool::busy() const {
  return static_cast<std::size_t>(std::count_if(
      places_.begin(), places_.end(), [](const auto& place) { return place.task.has_value(); }));
}

bool WorkerPool::has_room() const {
  const auto taken = std::count_if(places_.begin(), places_.end(),
                                   [](const auto& place) { return !place.is_idle(); });
  return static_cast<std::size_t>(taken) < jobs_;
}

WorkerPlace& WorkerPool::idle_place(std::size_t trial) {
  for (auto& place : places_)
    if (place.is_idle() && place.trials > trial) return place;
  // The others know an older plan only.
  std::erase_if(places_, [](const auto& place) { return place.is_idle(); });
  std::vector<int> inherited;
  std::vector<bool> taken(jobs_, false);
  for (const auto& place : places_) {
    inherited.push_back(place.worker->descriptor());
    taken[place.slot] = true;
  }
  WorkerPlace place;
  place.slot =
      static_cast<std::size_t>(std::find(taken.begin(), taken.end(), false) - taken.begin());
  place.trials = run_.plan.trials.size();
  progress_[place.slot].stop = false;
  place.worker = std::make_unique<Worker>(run_, progress_[place.slot], inherited);
  places_.push_back(std::move(place));
  return places_.back();
}

void WorkerPool::ask_to_stop() {
  for (auto& place : places_) place.worker->progress().stop = true;
}

void WorkerPool::listen(std::chrono::milliseconds longest,
                        const std::function<void(WorkerPlace&, const std::string& message)>& hear,
                        const std::function<void(WorkerPlace&)>& died) {
  std::vector<pollfd> waits;
  for (const auto& place : places_) waits.push_back({place.worker->descriptor(), POLLIN, 0});
  if (::poll(waits.data(), waits.size(), static_cast<int>(longest.count())) <= 0) return;
  std::vector<WorkerPlace*> dead;
  for (std::size_t i = 0; i < waits.size(); ++i) {
    if (waits[i].revents == 0) continue;
    auto& place = places_[i];
    const auto messages = place.worker->take();
    if (!messages) {
      dead.push_back(&place);
      continue;
    }
    for (const auto& message : *messages) hear(place, message);
  }
  for (auto* place : dead) {
    died(*place);
    place->worker.reset();
  }
  std::erase_if(places_, [](const auto& place) { return place.worker == nullptr; });
}

void WorkerPool::end_overdue(std::chrono::duration<double> timeout) {
  for (auto& place : places_) {
    if (!place.task || place.overdue || WorkerPlace::Clock::now() - place.started < timeout)
      continue;
    place.overdue = true;
    place.worker->kill();
  }
}

std::vector<Task> WorkerPool::end() {
  std::vector<Task> tasks;
  for (auto& place : places_)
    if (place.task) tasks.push_back(*std::exchange(place.task, std::nullopt));
  places_.clear();
  return tasks;
}

}  // namespace varia::sweep
