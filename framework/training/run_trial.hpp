#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "experiment/trial.hpp"
#include "files/lease.hpp"
#include "results/records.hpp"
#include "training/data_cache.hpp"
#include "training/environment.hpp"

namespace varia::training {

/// Hears how a trial goes. Called from the training loop: `on_step` must be quick.
class TrialObserver {
 public:
  virtual ~TrialObserver() = default;
  /// Before the first step.
  /// @param step    that the checkpoint was written after; 0: there was none
  /// @param metrics that records will have, by "split/name"
  virtual void on_start(std::int64_t step,
                        const std::map<std::string, results::MetricInfo>& metrics) {}
  /// @param step from 1 to `steps`
  virtual void on_step(std::int64_t step, std::int64_t steps, std::int64_t images, double loss) = 0;
  virtual void on_record(const results::EpochRecord& record) = 0;
  /// A view's picture, or scatter plot, of the epoch whose record comes next.
  virtual void on_picture(const std::string& view, const results::Picture& picture) {}
  virtual void on_points(const std::string& view, const results::Points& points) {}
};

/// All that one trial needs. Nothing else is shared between trials but data.
struct TrialJob {
  const experiment::Trial& trial;
  const Registry& registry;
  DataCache& data;
  const Environment& environment;
  /// Names the folder of the trial while it is in progress, and the files in it:
  /// `trial.<token>.h5`, `checkpoint.<token>`.
  files::Lease lease;
  std::filesystem::path published_file;   ///< where the finished file goes
  std::filesystem::path parameters_file;  ///< where the kept parameters go
  const std::atomic<bool>& stop;          ///< set: finish the step, checkpoint, return
  /// The longest that may pass without a checkpoint; zero: one after every step.
  std::chrono::duration<double> checkpoint_every{60};
  /// Train at least as long as the finished trial that this one replaces: no epoch is lost.
  std::int64_t finished_records = 0;
  /// Checkpoint and return after this many records; 0: train to the end.
  std::int64_t until = 0;
  /// Token of the file that was published when the lease was taken; 0: none.
  std::uint64_t published_token = 0;
};

/// `interrupted`: stopped or paused, with a checkpoint. `superseded`: another run took the trial
/// over or has published it already; what this one made is dropped.
enum class TrialEnd { done, failed, interrupted, superseded };

/// What a trial is that ended so: done, failed or partial.
results::TrialState state_after(TrialEnd end);

struct TrialOutcome {
  TrialEnd end = TrialEnd::done;
  std::string error;  ///< of a failed trial
};

/// Trains and evaluates one trial, from its newest good checkpoint or from its beginning, and
/// publishes its file. An error of the trial itself (a loss that is not finite, an exception of a
/// component) ends it as failed, with the parameters of its last good epoch kept.
/// @throws StoreError if its results cannot be written, ConfigError, DataError
TrialOutcome run_trial(const TrialJob& job, TrialObserver& observer);

/// What a try of a trial tells.
struct TriedTrial {
  /// What every epoch records, with the values of this try; of `train` the names alone count.
  results::EpochRecord record;
  Better better = Better::neither;  ///< of the metric that was asked for, as it is declared
};

/// Tries a trial before it is trained: makes its components, metrics and views; evaluates the loss
/// of every phase for two images and for the last, smaller batch of an epoch, which must be finite;
/// evaluates every split with all metrics, and draws all views, on few images (on all of them if
/// that fails).
/// @param measured what has been tried of metrics and views before: once for each data set, kind of
///                 model and kind of loss
/// @param metric   "validation/elbo": whose declaration is asked for; may be empty
/// @throws ConfigError, DataError; any other error of a component becomes a ConfigError that names
///         the model, the loss and what the sweep varies
TriedTrial try_trial(const experiment::Trial& trial, const Registry& registry, DataCache& data,
                     std::set<std::string>& measured, const std::string& metric = {});

/// Publishes a trial as failed whose process has died, with what it had recorded.
/// @returns failed, or superseded
TrialOutcome record_crash(const TrialJob& job, const std::string& error);

}  // namespace varia::training
