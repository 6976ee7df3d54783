#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "files/lease.hpp"
#include "training/messages.hpp"
#include "training/trial_run.hpp"
#include "varia/error.hpp"

/// How a trial resumes: which checkpoint it takes, and when one is written (README.md,
/// Checkpoints).
namespace varia::training {

namespace {

/// What a checkpoint of these components can take at most: their state, the parameters beside it,
/// and what a record gathers.
std::uint64_t checkpoint_limit(const TrialComponents& components, const Trainer& trainer) {
  constexpr std::uint64_t kMetrics = std::uint64_t{1} << 30;
  constexpr std::uint64_t kTerms = 1000, kTerm = sizeof(std::int64_t) + sizeof(double);
  const auto state = state_of(components);
  std::uint64_t bytes = kMetrics;
  if (const auto every = components.train->record_every(); every > 0)
    bytes += static_cast<std::uint64_t>(trainer.steps_per_record() / every) * kTerms * kTerm;
  // The parameters themselves, those that are kept, and those of the best epoch.
  constexpr std::uint64_t kCopies = 3;
  for (const auto& [name, tensor] : state.tensors)
    bytes += kCopies * (tensor.nbytes() + name.size());
  for (const auto& optimizer : state.optimizers)
    for (const auto& [name, tensor] : optimizer) bytes += tensor.nbytes() + name.size();
  return bytes;
}

/// Restores the newest checkpoint of the trial; `save` writes none whose parameters are not finite.
/// @returns the steps taken by then; 0 if there is none, and the components are as they were made
std::int64_t restore_newest(const TrialFolder& folder, const Checkpoint& trial,
                            TrialComponents& components, const Trainer& trainer) {
  const auto limit = checkpoint_limit(components, trainer);
  for (const auto& [path, token] : folder.checkpoints()) {
    try {
      const auto saved = read_checkpoint(path.string(), limit);
      if (saved.fingerprint != trial.fingerprint || saved.step > trial.step) continue;
      restore(saved.components, components);
      return saved.step;
    } catch (const StoreError&) {
    } catch (const TrialError&) {
    }
  }
  return 0;
}

}  // namespace

void TrialRun::resume() {
  const auto checkpoints = folder_.checkpoints();
  if (checkpoints.empty()) return;
  const auto limit = checkpoint_limit(components_, trainer_);
  for (const auto& saved : checkpoints) {
    try {
      resume_from(saved, limit);
      return;
    } catch (const StoreError&) {
    } catch (const TrialError&) {
    }
    // Damaged, or of another version: an older one, or none, gives the same results.
  }
}

void TrialRun::resume_from(const files::TokenFile& saved, std::uint64_t limit) {
  auto checkpoint = read_checkpoint(saved.path.string(), limit);
  const auto first = checkpoint.records * trainer_.steps_per_record();
  const auto end = std::min(first + trainer_.steps_per_record(), trainer_.horizon().steps);
  if (checkpoint.trial != now_.trial || checkpoint.fingerprint != now_.fingerprint ||
      checkpoint.records < 0 || checkpoint.records > records_ || checkpoint.step < 1 ||
      checkpoint.step < std::min(first, end) || checkpoint.step > end)
    throw TrialError("the checkpoint is of another trial, or of another version of it");
  auto file = results::TrialFile::resume(folder_.trial_file(saved.token), folder_.trial_file(),
                                         header_, checkpoint.records);
  // Copies what the old file has, so that a damaged one shows now, and not later.
  file.commit();
  restore(checkpoint.components, components_);

  file_.emplace(std::move(file));
  now_ = std::move(checkpoint);
  now_.components = {};
  for (auto& [metric, measured] : measured_) measured.values = std::move(now_.measured[metric]);
  now_.measured.clear();
  saved_step_ = now_.step;
  saved_records_ = now_.records;
  // As the last step left them: the mode, and the scheduled values that were in force.
  components_.begin_training();
  components_.advance(trainer_.progress(now_.step - 1), trainer_.horizon());
  folder_.remove_all_but(saved.token);
}

void TrialRun::require_finite() const {
  if (const auto found = first_not_finite(components_.tensors()); !found.empty())
    throw TrialError(fmt::format("step {}: {}, which is not finite", now_.step, found));
}

std::string TrialRun::cause_of(const std::string& error) const {
  if (first_not_finite(components_.tensors()).empty()) return error;
  try {
    TrialComponents components(job_.trial, job_.registry, job_.data);
    warm_start(job_.trial, components);
    Trainer trainer(components, static_cast<std::uint64_t>(job_.trial.seed), job_.finished_records);
    trainer.check_gradients();
    trainer.follow(measured_);
    for (auto step = restore_newest(folder_, now_, components, trainer);
         step <= now_.step && step < trainer.horizon().steps; ++step) {
      if (job_.stop.load(std::memory_order_relaxed)) break;
      trainer.step(step);
    }
  } catch (const TrialError& first) {
    return one_line(first);
  } catch (...) {
    // There may be no memory for a second copy, for instance.
  }
  return error;
}

void TrialRun::save() {
  if (now_.step == saved_step_ && now_.records == saved_records_) return;
  auto checkpoint = now_;
  if (now_.step > now_.records * trainer_.steps_per_record()) {
    checkpoint.record.seconds = seconds_since_start();
    // Those that are read out already cannot be asked any more.
    if (!now_.record.metrics) checkpoint.record.metrics = evaluator_.running_metrics();
    if (!checkpoint.record.metrics) return;
  }
  require_finite();
  if (!files::is_held(job_.lease)) throw Superseded{};
  // The trial file first: a checkpoint relies on its records.
  file_->commit();
  checkpoint.components = state_of(components_);
  for (const auto& [metric, measured] : measured_) checkpoint.measured[metric] = measured.values;
  write_checkpoint(folder_.checkpoint(), checkpoint);
  saved_step_ = now_.step;
  saved_records_ = now_.records;
  saved_at_ = Clock::now();
  // From the second one on, an older one of this run is there if the newer one is damaged.
  if (++saves_ == 2) folder_.remove_all_but(job_.lease.token);
}

}  // namespace varia::training
