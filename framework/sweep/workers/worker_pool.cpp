#include "sweep/workers/worker_pool.hpp"

#include <poll.h>

#include <algorithm>
#include <utility>

namespace varia::sweep {

WorkerPool::WorkerPool(const Run& run, std::size_t jobs)
    : run_(run), jobs_(jobs), progress_(share_progress(jobs)) {}

std::size_t WorkerPool::busy() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(workers_, [](const auto& worker) { return worker->task.has_value(); }));
}

bool WorkerPool::has_room() const {
  const auto taken =
      std::ranges::count_if(workers_, [](const auto& worker) { return !worker->is_idle(); });
  return static_cast<std::size_t>(taken) < jobs_;
}

Worker& WorkerPool::idle_worker(std::size_t trial) {
  for (const auto& worker : workers_)
    if (worker->is_idle() && worker->trials > trial) return *worker;
  // The others know an older plan only.
  std::erase_if(workers_, [](const auto& worker) { return worker->is_idle(); });
  std::vector<int> inherited;
  for (const auto& worker : workers_) inherited.push_back(worker->descriptor());
  auto* free = progress_.get();
  while (
      std::ranges::any_of(workers_, [&](const auto& worker) { return &worker->progress == free; }))
    ++free;
  return *workers_.emplace_back(std::make_unique<Worker>(run_, *free, inherited));
}

void WorkerPool::ask_to_stop() {
  for (const auto& worker : workers_) worker->progress.stop = true;
}

void WorkerPool::listen(std::chrono::milliseconds longest,
                        const std::function<void(Worker&, const std::string& message)>& hear,
                        const std::function<void(Worker&)>& died) {
  std::vector<pollfd> waits;
  for (const auto& worker : workers_) waits.push_back({worker->descriptor(), POLLIN, 0});
  if (::poll(waits.data(), waits.size(), static_cast<int>(longest.count())) <= 0) return;
  std::vector<Worker*> dead;
  for (std::size_t i = 0; i < waits.size(); ++i) {
    if (waits[i].revents == 0) continue;
    if (const auto messages = workers_[i]->take())
      for (const auto& message : *messages) hear(*workers_[i], message);
    else
      dead.push_back(workers_[i].get());
  }
  for (auto* worker : dead) {
    died(*worker);
    std::erase_if(workers_, [&](const auto& other) { return other.get() == worker; });
  }
}

void WorkerPool::end_overdue(std::chrono::duration<double> timeout) {
  for (const auto& worker : workers_) {
    if (!worker->task || worker->overdue || Worker::Clock::now() - worker->started < timeout)
      continue;
    worker->overdue = true;
    worker->kill();
  }
}

std::vector<Task> WorkerPool::end() {
  std::vector<Task> tasks;
  for (const auto& worker : workers_)
    if (worker->task) tasks.push_back(std::move(*worker->task));
  workers_.clear();
  return tasks;
}

}  // namespace varia::sweep
