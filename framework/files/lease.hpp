#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "files/heartbeat.hpp"

namespace varia::files {

/// Who works on a trial: `<folder>/lease.<token>`, a symbolic link to the id of a run. Creating one
/// is atomic on every file system of a cluster. The token is a fencing token: each holder's is
/// higher than all before, names all that the holder writes (`trial.<token>.h5`,
/// `checkpoint.<token>`), and is checked when the result is published. So a holder that was stopped
/// and comes back after another one has taken over disturbs nothing.
struct Lease {
  std::filesystem::path folder;  ///< of the trial: `checkpoints/<id>`
  std::uint64_t token = 0;
  std::string run;
};

/// Takes the lease of a trial. Its token is one higher than that of every file in the folder and
/// than `published`, the token of the trial's published file (0: none). Leases of dead runs are
/// removed, by which their holders lose them.
/// Since a trial may be published between a look at its file and the lease, look again afterwards.
/// @returns nullopt if a run that is not dead holds it (also `run` itself), or another one tried at
///          the same time
/// @throws StoreError if the folder cannot be written to
std::optional<Lease> take_lease(const std::filesystem::path& folder, std::uint64_t published,
                                const std::string& run, RunWatch& watch);

/// The run that holds the trial's highest lease; empty if none does.
std::string lease_holder(const std::filesystem::path& folder);

/// True until it is given back or another run has taken over.
bool is_held(const Lease& lease);

/// Gives it back; what was written so far stays for the next holder. A folder without anything is
/// removed.
void release(const Lease& lease);

/// Gives a lease back at the end of a scope, unless it was cleared or lost.
class LeaseGuard {
 public:
  explicit LeaseGuard(Lease lease) : lease_(std::move(lease)) {}
  ~LeaseGuard() { release(lease_); }
  LeaseGuard(const LeaseGuard&) = delete;
  LeaseGuard& operator=(const LeaseGuard&) = delete;

  const Lease& lease() const { return lease_; }

 private:
  Lease lease_;
};

/// Removes the folder with all that it holds: the trial is published. What has a higher token
/// stays, and so do leases of others, which give up by themselves.
void clear(const Lease& lease);

/// The same of a trial that is published under this token, without a lease: leases too, which runs
/// have left that died as they tried.
void clear_outdated(const std::filesystem::path& folder, std::uint64_t published);

/// The token in the name of a file, 3 in "trial.3.h5": the first part after a dot that is a whole
/// number.
/// @returns 0 if it has none
std::uint64_t token_in(const std::string& name);

/// A file of a trial in progress.
struct TokenFile {
  std::filesystem::path path;
  std::uint64_t token = 0;
};

/// The files `<stem>.<token><suffix>` of a trial's folder, the highest token first.
std::vector<TokenFile> token_files(const std::filesystem::path& folder, const std::string& stem,
                                   const std::string& suffix);

}  // namespace varia::files
