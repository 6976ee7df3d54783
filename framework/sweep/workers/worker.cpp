#include "sweep/workers/worker.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <memory>
#include <system_error>

#include "training/messages.hpp"
#include "varia/error.hpp"

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
    constexpr auto relaxed = std::memory_order_relaxed;
    progress_.steps.store(steps, relaxed);
    progress_.images.fetch_add(images, relaxed);
    progress_.loss.store(loss, relaxed);
    progress_.step.store(step, relaxed);
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
std::string run_one(const Run& run, Task task, Reporter& reporter, const std::atomic<bool>& stop) {
  task.lease->folder = run.folder.paths().in_progress(run.plan.trials.at(task.trial).id);
  const auto job = job_of(run, task, stop);
  try {
    try {
      return encode(run_trial(job, reporter));
    } catch (const StoreError&) {
      throw;
    } catch (const std::exception& error) {
      // What a trial is made of was tried before; now it is the trial's own failure.
      return encode(record_crash(job, training::one_line(error)));
    }
  } catch (const StoreError& error) {
    return encode(error);
  }
}

int serve(const Run& run, Channel& channel, SharedProgress& progress) {
  Reporter reporter(channel, progress,
                    std::ranges::any_of(run.observers, &RunObserver::wants_pictures));
  while (const auto task = channel.receive()) {
    const auto end = run_one(run, decode_task(*task), reporter, progress.stop);
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
    throw Error("no memory to share with worker processes: " +
                std::generic_category().message(errno));
  auto* const entries = static_cast<SharedProgress*>(memory);
  std::uninitialized_default_construct_n(entries, count);
  return {entries, [bytes](SharedProgress* first) { ::munmap(first, bytes); }};
}

training::TrialJob job_of(const Run& run, const Task& task, const std::atomic<bool>& stop) {
  const auto& trial = run.plan.trials.at(task.trial);
  const auto& paths = run.folder.paths();
  return {.trial = trial,
          .registry = run.registry,
          .data = run.data,
          .environment = run.environment,
          .lease = *task.lease,
          .published_file = paths.trial(trial.id),
          .parameters_file = paths.parameters(trial.id),
          .stop = stop,
          .checkpoint_every = std::chrono::duration<double>(run.params.checkpoint_every()),
          .finished_records = task.finished_records,
          .until = task.until,
          .published_token = task.published_token};
}

Worker::Worker(const Run& run, SharedProgress& shared, const std::vector<int>& inherited)
    : progress(shared), trials(run.plan.trials.size()) {
  progress.stop = false;
  auto [here, there] = Channel::pair();
  process_.emplace(
      [&, &own = there, &other = here] {
        other.close();
        for (const int descriptor : inherited) ::close(descriptor);
        return serve(run, own, progress);
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

}  // namespace varia::sweep
