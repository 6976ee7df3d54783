#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>

#include "runner/components.hpp"
#include "runner/environment.hpp"
#include "store/records.hpp"

namespace varia::runner {

/// Hears how a trial goes. Called from the training loop: `on_step` must be quick.
class TrialObserver {
 public:
  virtual ~TrialObserver() = default;
  /// @param step from 1 to `steps`
  virtual void on_step(std::int64_t step, std::int64_t steps, std::int64_t images, double loss) = 0;
  virtual void on_record(const store::EpochRecord& record) = 0;
  /// A view's picture, or scatter plot, of the epoch whose record comes next.
  virtual void on_picture(const std::string& view, const store::Picture& picture) {}
  virtual void on_points(const std::string& view, const store::Points& points) {}
};

/// All that one trial needs. Nothing else is shared between trials but data.
struct TrialJob {
  const experiment::Trial& trial;
  const Registry& registry;
  DataCache& data;
  const Environment& environment;
  std::filesystem::path results_file;     ///< the trial's own file
  std::filesystem::path parameters_file;  ///< where the kept parameters go
  const std::atomic<bool>& stop;          ///< set: finish the step, commit, return
  /// Train at least as long as the finished trial that this one replaces: no epoch is lost.
  std::int64_t least_records = 0;
};

enum class TrialEnd { done, failed, interrupted };

struct TrialOutcome {
  TrialEnd end = TrialEnd::done;
  std::string error;  ///< of a failed trial
};

/// Trains and evaluates one trial from its beginning and writes its file. An error of the trial
/// itself (a loss that is not finite, an exception of a component) ends it as failed, with the
/// parameters of its last good epoch kept.
/// @throws StoreError where its results cannot be written, ConfigError, DataError
TrialOutcome run_trial(const TrialJob& job, TrialObserver& observer);

}  // namespace varia::runner
