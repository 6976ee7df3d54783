#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "files/heartbeat.hpp"
#include "results/trial/trial_reader.hpp"
#include "support.hpp"
#include "support/temporary_folder.hpp"
#include "training/run_trial.hpp"

namespace varia::test {

/// Everything that a record can hold, 3 epochs of 3 steps.
inline const std::string kFull =
    "data: {use: synthetic, batch: 16, validation: 0.2}\n"
    "model: {use: mlp_vae, hidden: [12], latent: 3}\n"
    "loss: {use: elbo, beta: {use: linear, from: 0, to: 1, epochs: 2}}\n"
    "optimizer: {use: adam, lr: {use: cosine, from: 1e-2, to: 1e-3, epochs: 3}}\n"
    "train: {epochs: 3, keep: best, record_every: 2, threads: 1}\n"
    "metrics: [{use: nll, samples: 5, every: 2}]\n"
    "views: [{use: reconstructions, every: 1}, {use: latent_scatter, every: 2}]\n";

/// Two phases, each with an optimizer of its own.
inline const std::string kAdversarial =
    "data: {use: synthetic, batch: 16}\n"
    "model: {use: autoencoder}\n"
    "loss: {use: adversarial, independent: true, optimizer: {use: sgd, lr: 1e-3, momentum: 0.9}}\n"
    "optimizer: {use: rmsprop, lr: 1e-3}\n"
    "train: {epochs: 2, threads: 1}\n";

/// One trial in a folder of its own, which is removed at the end; run piece by piece, each piece
/// under a lease of its own, as new processes would.
class TrialRuns {
 public:
  /// @param text see make_trial; `train` needs `threads`
  explicit TrialRuns(const std::string& text);
  TrialRuns(const TrialRuns&) = delete;
  TrialRuns& operator=(const TrialRuns&) = delete;

  /// What one piece heard.
  struct Piece {
    training::TrialOutcome outcome;
    std::vector<std::int64_t> steps;    ///< the numbers of those it took, from 1
    std::vector<std::int64_t> records;  ///< and of its records
  };

  /// Takes the lease, runs the trial and gives the lease back.
  /// @param after_step called with the step's number; may set `stop`
  Piece run(const std::function<void(std::int64_t)>& after_step = {});
  files::Lease take();
  Piece run_under(const files::Lease& lease,
                  const std::function<void(std::int64_t)>& after_step = {});
  /// Runs it to its end, stopped after every step. @returns the pieces that this took
  int run_step_by_step();
  /// The same as a process that dies after a step: nothing is written at the end, and the lease
  /// stays. The trial is stopped by an error of the store, which it does not take for its own.
  Piece die_after(std::int64_t step);
  training::TrialOutcome crash(const std::string& error);

  /// Takes the trial over, as another run would, which is dead by the next take().
  void take_over(std::uint64_t token);

  experiment::Trial trial;
  training::Environment environment;
  std::atomic<bool> stop{false};
  std::chrono::duration<double> checkpoint_every{60};
  std::int64_t until = 0;
  std::int64_t finished_records = 0;

  std::filesystem::path folder() const { return folder_.path(); }
  std::filesystem::path in_progress() const { return folder_ / "checkpoints" / trial.id; }
  std::filesystem::path published() const { return folder_ / "trials" / "01" / "trial.h5"; }
  std::filesystem::path parameters() const { return folder_ / "models" / "trial.h5"; }
  /// The names of the files in the trial's folder, sorted.
  std::vector<std::string> files() const;
  /// The newest file of a kind in the trial's folder: "checkpoint.", "trial.".
  std::filesystem::path newest(const std::string& beginning) const;

 private:
  training::TrialJob job(const files::Lease& lease);
  varia::testing::TemporaryFolder folder_;
  std::uint64_t published_token_ =
      0;  // the token of the file that was published at the last take()
  training::DataCache cache_;
  std::optional<files::Heartbeat> beat_;
  std::optional<files::RunWatch> watch_;
};

/// Where two published trials differ in anything but seconds, host and token: the first place, or
/// "" where they are the same, bit for bit.
std::string difference(const std::filesystem::path& one, const std::filesystem::path& other);

/// The same for files of kept parameters.
std::string parameter_difference(const std::filesystem::path& one,
                                 const std::filesystem::path& other);

/// A trial that nothing interrupted, to compare others with.
struct Whole {
  explicit Whole(const std::string& text);
  TrialRuns runs;
};

/// Checks that a trial has published the same as one that nothing interrupted, and that nothing of
/// the way there is left.
void check_same(const Whole& whole, const TrialRuns& runs);

std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, const std::string& bytes);

}  // namespace varia::test
