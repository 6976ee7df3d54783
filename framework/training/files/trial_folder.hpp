#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "files/lease.hpp"

namespace varia::training {

/// The folder of a trial that is under way. Every holder of its lease has files of its own there,
/// named by its token: `trial.<token>.h5` with what is recorded so far, `checkpoint.<token>` and
/// `checkpoint.<token>.previous`.
class TrialFolder {
 public:
  explicit TrialFolder(const files::Lease& lease) : lease_(lease) {}

  /// Of the own token.
  std::string trial_file() const;
  std::string checkpoint() const;

  /// A checkpoint with the trial file that belongs to it.
  struct Pair {
    std::uint64_t token = 0;
    std::string checkpoint;
    std::string trial_file;
  };
  /// The newest first; none of a higher token than the own one. The files need not be good.
  std::vector<Pair> checkpoints() const;
  /// Trial files, the newest first; none of a higher token than the own one.
  std::vector<std::string> trial_files() const;

  /// Removes the files of the own token, and the lease.
  void remove_own() const;
  /// Removes the files of all tokens below the own one but `token`: what they have is there, too.
  void remove_all_but(std::uint64_t token) const;

 private:
  void remove(const std::function<bool(std::uint64_t token)>& is_to_go) const;
  files::Lease lease_;
};

}  // namespace varia::training
