#include "sweep/workers/worker_pool.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>
#include <utility>

#include "training/messages.hpp"
#include "varia/error.hpp"
#include "varia/host/descriptor.hpp"

namespace varia::sweep {

namespace {

/// Tells the supervisor how a trial goes.
class Reporter final : public training::TrialObserver {
 public:
  Reporter(Channel& channel, SharedProgress& progress, bool with_pictures)
      : channel_(channel), progress_(progress), with_pictures_(with_pictures) {}

  void on_start(std::int64_t step, const MetricInfos& metrics) override {
    progress_.begin = step;
    if (with_pictures_) channel_.send(encode(metrics));
  }
  void on_step(std::int64_t step, std::int64_t steps, std::int64_t images, double loss) override {
    constexpr auto kRelaxed = std::memory_order_relaxed;
    progress_.steps.store(steps, kRelaxed);
    progress_.images.fetch_add(images, kRelaxed);
    progress_.loss.store(loss, kRelaxed);
    progress_.step.store(step, kRelaxed);
  }
  void on_record(const results::EpochRecord& record) override { channel_.send(encode(record)); }
  void on_picture(const std::string& view, const results::Picture& picture) override {
    if (with_pictures_) channel_.send(encode(ViewMessage<results::Picture>{view, picture}));
  }
  void on_points(const std::string& view, const results::Points& points) override {
    if (with_pictures_) channel_.send(encode(ViewMessage<results::Points>{view, points}));
  }

 private:
  Channel& channel_;
  SharedProgress& progress_;
  bool with_pictures_;
};

/// @returns the message that ends the trial
std::string run_one(const Run& run, const training::Environment& environment, Task task,
                    Reporter& reporter, const std::atomic<bool>& stop) {
  task.lease->folder = run.folder.paths().in_progress(run.plan.trials.at(task.trial).id);
  const auto job = job_of(run, environment, task, stop);
  try {
    try {
      return encode(run_trial(job, reporter));
    } catch (const StoreError&) {
      throw;
    } catch (...) {
      // What a trial is made of was tried before; now it is the trial's own failure.
      return encode(record_crash(job, training::one_line(std::current_exception())));
    }
  } catch (const StoreError& error) {
    return encode(error);
  }
}

int serve(const Run& run, const Gpu* gpu, Channel& channel, SharedProgress& progress) {
  auto environment = run.environment;
  if (gpu != nullptr) environment.gpu = gpu->description;
  if (run.gpus.are_asked) see_only(gpu != nullptr ? std::vector{*gpu} : std::vector<Gpu>());
  Reporter reporter(channel, progress,
                    std::ranges::any_of(run.observers, &RunObserver::wants_pictures));
  while (const auto task = channel.receive()) {
    const auto end = run_one(run, environment, decode_task(*task), reporter, progress.stop);
    std::fflush(nullptr);  // before the supervisor looks at the log
    if (!channel.send(end)) break;
  }
  return 0;
}

}  // namespace

static_assert(std::atomic<std::int64_t>::is_always_lock_free &&
                  std::atomic<double>::is_always_lock_free,
              "an atomic with a lock would not work between processes");

void SharedProgress::restart() {
  begin = 0;
  step = 0;
  steps = 0;
  images = 0;
  loss = 0;
}

std::shared_ptr<SharedProgress[]> share_progress(std::size_t count) {
  const auto bytes = count * sizeof(SharedProgress);
  void* const memory =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    throw Error("no memory to share with worker processes: " + system_reason(errno));
  auto* const entries = static_cast<SharedProgress*>(memory);
  std::uninitialized_default_construct_n(entries, count);
  return {entries, [bytes](SharedProgress* first) { ::munmap(first, bytes); }};
}

training::TrialJob job_of(const Run& run, const training::Environment& environment,
                          const Task& task, const std::atomic<bool>& stop) {
  const auto& trial = run.plan.trials.at(task.trial);
  const auto& paths = run.folder.paths();
  return {.trial = trial,
          .registry = run.registry,
          .data = run.data,
          .environment = environment,
          .lease = *task.lease,
          .published_file = paths.trial(trial.id),
          .parameters_file = paths.parameters(trial.id),
          .stop = stop,
          .checkpoint_every = std::chrono::duration<double>(run.params.checkpoint_every()),
          .finished_records = task.finished_records,
          .until = task.until,
          .published_token = task.published_token};
}

Worker::Worker(const Run& run, const Gpu* gpu, SharedProgress& shared,
               const std::vector<int>& inherited)
    : progress(shared), gpu(gpu), trials(run.plan.trials.size()) {
  progress.stop = false;
  auto [here, there] = Channel::pair();
  process_.emplace(
      [&, &own = there, &other = here] {
        other.close();
        for (const int descriptor : inherited) ::close(descriptor);
        return serve(run, gpu, own, progress);
      },
      log.descriptor());
  channel_ = std::move(here);
}

bool Worker::start(const Task& given) {
  progress.restart();
  log.restart();
  if (!channel_.send(encode(given))) return false;
  task = given;
  started = Clock::now();
  stepped = false;
  return true;
}

std::optional<std::vector<WorkerMessage>> Worker::take() {
  const auto received = channel_.take();
  if (!received) return std::nullopt;
  std::vector<WorkerMessage> messages;
  try {
    for (const auto& bytes : *received) messages.push_back(decode_message(bytes));
  } catch (const Error&) {
    is_garbled_ = true;
  }
  return messages;
}

void Worker::kill(const std::string& why) {
  if (killed_for.empty()) killed_for = why;
  process_->kill();
}

WorkerPool::WorkerPool(const Run& run, std::size_t jobs)
    : run_(run),
      gpus_(run.gpus.gpus, static_cast<std::size_t>(run.params.trials_per_gpu())),
      jobs_(gpus_.size() > 0 ? std::min(jobs, gpus_.size()) : jobs),
      progress_(share_progress(jobs_)) {}

std::size_t WorkerPool::busy() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(workers_, [](const auto& worker) { return worker->task.has_value(); }));
}

bool WorkerPool::has_room() {
  const auto at_work = static_cast<std::size_t>(
      std::ranges::count_if(workers_, [](const auto& worker) { return !worker->is_idle(); }));
  if (at_work >= jobs_) return false;
  return gpus_.size() == 0 || at_work < gpus_.taken().size() || gpus_.take();
}

/// A place that was taken and has no worker; null: the CPU.
const Gpu* WorkerPool::free_gpu() const {
  auto free = gpus_.taken();
  for (const auto& worker : workers_)
    if (const auto used = std::ranges::find(free, worker->gpu); used != free.end())
      free.erase(used);
  return free.empty() ? nullptr : free.front();
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
  return *workers_.emplace_back(std::make_unique<Worker>(run_, free_gpu(), *free, inherited));
}

void WorkerPool::ask_to_stop() {
  for (const auto& worker : workers_) worker->progress.stop = true;
}

void WorkerPool::listen(std::chrono::milliseconds longest,
                        const std::function<void(Worker&, const WorkerMessage& message)>& hear,
                        const std::function<void(Worker&)>& died) {
  std::vector<pollfd> waits;
  for (const auto& worker : workers_) waits.push_back({worker->descriptor(), POLLIN, 0});
  if (::poll(waits.data(), waits.size(), static_cast<int>(longest.count())) <= 0) return;
  std::vector<Worker*> dead;
  for (std::size_t i = 0; i < waits.size(); ++i) {
    if (waits[i].revents == 0) continue;
    auto& worker = *workers_[i];
    if (const auto messages = worker.take())
      for (const auto& message : *messages) hear(worker, message);
    else
      dead.push_back(&worker);
    if (worker.is_garbled()) worker.kill("its process sent what is not a message of a trial");
  }
  for (auto* worker : dead) {
    died(*worker);
    std::erase_if(workers_, [&](const auto& other) { return other.get() == worker; });
  }
}

void WorkerPool::end_overdue(std::chrono::duration<double> timeout) {
  for (const auto& worker : workers_)
    if (worker->task && Worker::Clock::now() - worker->started >= timeout)
      worker->kill(fmt::format("took longer than run.trial_timeout ({} s)", timeout.count()));
}

std::vector<Task> WorkerPool::end() {
  std::vector<Task> tasks;
  for (const auto& worker : workers_)
    if (worker->task) tasks.push_back(std::move(*worker->task));
  workers_.clear();
  return tasks;
}

}  // namespace varia::sweep
