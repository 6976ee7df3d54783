#include "training/run_trial.hpp"

#include <algorithm>
#include <optional>

#include "results/folder/trial_header.hpp"
#include "results/names.hpp"
#include "results/trial/trial_file.hpp"
#include "results/trial/trial_reader.hpp"
#include "training/checkpoint/checkpoint.hpp"
#include "training/device.hpp"
#include "training/trial_folder.hpp"
#include "training/trial_run.hpp"
#include "varia/error.hpp"

namespace varia::training {

namespace {

/// The newest file of the trial that the same version recorded, resumed; else one without records.
results::TrialFile recorded(const TrialFolder& folder, const results::TrialHeader& header) {
  for (const auto& [path, token] : folder.trial_files()) {
    try {
      const auto made = results::read_trial_header(path.string());
      if (made.config != header.config || made.versions != header.versions ||
          made.plugins != header.plugins)
        continue;
      auto file =
          results::TrialFile::resume(path.string(), folder.trial_file(), header, made.epochs_done);
      file.commit();
      return file;
    } catch (const StoreError&) {
      continue;  // damaged: an older one may be good
    }
  }
  return {folder.trial_file(), header};
}

/// Saves the parameters that the newest checkpoint of the same version keeps.
void save_last_snapshot(const TrialFolder& folder, const std::string& fingerprint,
                        const TrialJob& job) {
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 34;
  for (const auto& [path, token] : folder.checkpoints()) {
    std::optional<Checkpoint> checkpoint;
    try {
      checkpoint = read_checkpoint(path.string(), kLimit);
    } catch (const StoreError&) {
      continue;  // damaged
    }
    if (checkpoint->fingerprint != fingerprint) continue;
    save_snapshot(checkpoint->kept, job.parameters_file, job.trial.id, job.lease);
    return;
  }
}

}  // namespace

results::TrialState state_after(TrialEnd end) {
  switch (end) {
    case TrialEnd::done:
      return results::TrialState::done;
    case TrialEnd::failed:
      return results::TrialState::failed;
    case TrialEnd::interrupted:
    case TrialEnd::superseded:
      break;
  }
  return results::TrialState::partial;
}

TrialOutcome run_trial(const TrialJob& job, TrialObserver& observer) {
  set_threads(static_cast<int>(job.trial.train->threads()));
  // A worker trains one trial after another.
  reset_peak_memory(choose_device(*job.trial.train, MissingDevice::is_error));
  return TrialRun(job, observer).run();
}

TrialOutcome record_crash(const TrialJob& job, const std::string& error) {
  const TrialFolder folder(job.lease);
  const auto records = std::max(job.trial.train->record_count(), job.finished_records);
  auto header =
      results::header_of(job.trial, job.registry, job.environment, records, job.lease.token);
  // A key that cannot be stored may be why the trial fails.
  std::erase_if(header.parameters, [](const results::Parameter& parameter) {
    return !results::is_parameter_key(parameter.key);
  });
  auto file = recorded(folder, header);
  const bool published = publish(
      file, results::TrialState::failed, error, job.lease, job.published_file, job.published_token,
      [&] {
        save_last_snapshot(folder, results::fingerprint_of(job.trial, job.registry, header), job);
      });
  if (published) return {TrialEnd::failed, error};
  folder.remove_own();
  return {TrialEnd::superseded, ""};
}

}  // namespace varia::training
