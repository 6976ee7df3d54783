#include "sweep/workers/worker.hpp"

#include <unistd.h>

#include <cstdio>

#include "training/messages.hpp"
#include "varia/error.hpp"

namespace varia::sweep {

namespace {

/// Tells the supervisor how a trial goes.
class Reporter final : public training::TrialObserver {
 public:
  Reporter(Channel& channel, SharedProgress& progress, bool with_pictures)
      : channel_(channel), progress_(progress), with_pictures_(with_pictures) {}

  void on_start(std::int64_t step) override { progress_.begin = step; }
  void on_step(std::int64_t step, std::int64_t steps, std::int64_t images, double loss) override {
    constexpr auto relaxed = std::memory_order_relaxed;
    progress_.steps.store(steps, relaxed);
    progress_.images.fetch_add(images, relaxed);
    progress_.loss.store(loss, relaxed);
    progress_.step.store(step, relaxed);
  }
  void on_record(const results::EpochRecord& record) override {
    channel_.send(encode(RecordMessage{record}));
  }
  void on_picture(const std::string& view, const results::Picture& picture) override {
    if (with_pictures_) channel_.send(encode(PictureMessage{view, picture}));
  }
  void on_points(const std::string& view, const results::Points& points) override {
    if (with_pictures_) channel_.send(encode(PointsMessage{view, points}));
  }

 private:
  Channel& channel_;
  SharedProgress& progress_;
  bool with_pictures_;
};

std::string run_one(const WorkerSetup& setup, const RunCommand& command, Reporter& reporter,
                    SharedProgress& progress) {
  const auto job = job_of(setup, command, progress.stop);
  try {
    try {
      return encode(EndMessage{run_trial(job, reporter)});
    } catch (const StoreError&) {
      throw;
    } catch (const std::exception& error) {
      // What a trial is made of was tried before; now it is the trial's own failure.
      return encode(EndMessage{record_crash(job, training::one_line(error))});
    }
  } catch (const StoreError& error) {
    return encode(FatalMessage{error.what()});
  }
}

int serve(const WorkerSetup& setup, Channel& channel, SharedProgress& progress) {
  Reporter reporter(channel, progress, setup.with_pictures);
  while (const auto command = channel.receive()) {
    const auto end = run_one(setup, decode_command(*command), reporter, progress);
    std::fflush(nullptr);  // before the supervisor looks at the log
    if (!channel.send(end)) break;
  }
  return 0;
}

}  // namespace

training::TrialJob job_of(const WorkerSetup& setup, const RunCommand& command,
                          const std::atomic<bool>& stop) {
  const auto& trial = setup.plan.trials.at(command.trial);
  return {trial,
          setup.registry,
          setup.data,
          setup.environment,
          {setup.paths.in_progress(trial.id), command.token, command.run},
          setup.paths.trial(trial.id),
          setup.paths.parameters(trial.id),
          stop,
          setup.checkpoint_every,
          command.least_records,
          command.pause_after,
          command.replaces};
}

Worker::Worker(const WorkerSetup& setup, SharedProgress& progress,
               const std::vector<int>& inherited)
    : progress_(progress) {
  auto [here, there] = Channel::pair();
  process_.emplace(
      [&, &own = there, &other = here] {
        other.close();
        for (const int descriptor : inherited) ::close(descriptor);
        return serve(setup, own, progress);
      },
      log_.descriptor());
  channel_ = std::move(here);
}

bool Worker::run(const RunCommand& command) {
  progress_.restart();
  log_.restart();
  return channel_.send(encode(command));
}

}  // namespace varia::sweep
