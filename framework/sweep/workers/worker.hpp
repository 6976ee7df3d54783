#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "experiment/plan.hpp"
#include "results/folder/result_paths.hpp"
#include "sweep/workers/channel.hpp"
#include "sweep/workers/child_process.hpp"
#include "sweep/workers/shared_progress.hpp"
#include "sweep/workers/trial_log.hpp"
#include "sweep/workers/worker_messages.hpp"

namespace varia::sweep {

/// What all workers share with the process that forked them.
struct WorkerSetup {
  const experiment::Plan& plan;
  const Registry& registry;
  training::DataCache& data;
  const training::Environment& environment;
  results::ResultPaths paths;
  std::chrono::duration<double> checkpoint_every{60};
  bool with_pictures = false;  ///< whether it sends pictures and points
};

/// A process that runs one trial after another.
class Worker {
 public:
  /// @param progress in shared memory, of this worker alone
  /// @param inherited descriptors of this process that the worker must not keep open
  Worker(const WorkerSetup& setup, SharedProgress& progress, const std::vector<int>& inherited);

  bool run(const RunCommand& command);
  int descriptor() const { return channel_.descriptor(); }
  /// What it has said since; nothing where it is dead.
  std::optional<std::vector<std::string>> take() { return channel_.take(); }
  /// Lets it end after its trial.
  void dismiss() { channel_.close(); }
  void kill() const { process_->kill(); }
  ProcessEnd wait() { return process_->wait(); }
  SharedProgress& progress() { return progress_; }
  TrialLog& log() { return log_; }

 private:
  SharedProgress& progress_;
  TrialLog log_;
  Channel channel_;
  std::optional<ChildProcess> process_;
};

/// The job of a command, for the worker that runs it and for the supervisor that records its crash.
training::TrialJob job_of(const WorkerSetup& setup, const RunCommand& command,
                          const std::atomic<bool>& stop);

}  // namespace varia::sweep
