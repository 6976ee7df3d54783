#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "files/lease.hpp"
#include "results/trial/trial_file.hpp"

namespace varia::training {

/// The folder of a trial in progress. Every holder of its lease has files of its own there,
/// named by its token: `trial.<token>.h5` with what is recorded so far, `checkpoint.<token>` and
/// `checkpoint.<token>.previous`.
class TrialFolder {
 public:
  explicit TrialFolder(const files::Lease& lease) : lease_(lease) {}

  /// Of the own token.
  std::string trial_file() const { return trial_file(lease_.token); }
  std::string checkpoint() const;
  /// Of another token.
  std::string trial_file(std::uint64_t token) const;

  /// The newest first; none of a higher token than the own one. The files need not be good.
  std::vector<files::TokenFile> checkpoints() const;
  std::vector<files::TokenFile> trial_files() const;

  /// Removes the files of the own token, and the lease.
  void remove_own() const;
  /// Removes the files of all tokens below the own one but `token`: what they have is there, too.
  void remove_all_but(std::uint64_t token) const;

 private:
  std::vector<files::TokenFile> own_or_older(const std::string& stem,
                                             const std::string& suffix) const;
  void remove(const std::function<bool(std::uint64_t token)>& is_to_go) const;
  files::Lease lease_;
};

/// Publishes the file of a finished trial, exactly once: a first one by a link, which fails if a
/// file is there; over another one only while the lease is held and has the higher token. A
/// finished trial that is there stays if this one failed or has fewer epochs. The trial's folder is
/// removed then.
/// @param error           says why the trial failed
/// @param replaces        token of the file that was published when the lease was taken; 0: none.
///                        Another one was published by a run that lost its lease just then, and
///                        stands, unless it failed and this one is done.
/// @param save_parameters called before the file of a trial that is done is published, so that
///                        none is without them; after that of a failed one, whose parameters must
///                        not replace those of a run that was faster
/// @returns false if this run is superseded: another one took the trial over, or has published it
///          meanwhile
/// @throws StoreError
bool publish(results::TrialFile& file, results::TrialState status, const std::string& error,
             const files::Lease& lease, const std::filesystem::path& published,
             std::uint64_t replaces, const std::function<void()>& save_parameters);

/// True if the trial's published file was written under this lease or a later one.
/// @throws VersionError
bool is_published(const files::Lease& lease, const std::filesystem::path& published);

}  // namespace varia::training
