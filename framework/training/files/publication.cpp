#include "training/files/publication.hpp"

#include <optional>

#include "results/trial/trial_reader.hpp"
#include "results/version.hpp"
#include "varia/error.hpp"

namespace varia::training {

namespace fs = std::filesystem;

namespace {

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::symlink_status(path, ignored).type() != fs::file_type::not_found;
}

/// Nothing where there is no file, or a damaged one, which is worth nothing.
std::optional<results::TrialInfo> info_at(const fs::path& path) {
  if (!is_there(path)) return std::nullopt;
  try {
    return results::read_trial_info(path.string());
  } catch (const results::VersionError&) {
    throw;
  } catch (const StoreError&) {
    return std::nullopt;
  }
}

}  // namespace

Publication publish(results::TrialFile& file, results::TrialState status, const std::string& error,
                    const files::Lease& lease, const fs::path& published, std::uint64_t replaces,
                    const std::function<void()>& save_parameters) {
  const bool is_done = status == results::TrialState::done;
  for (;;) {
    if (!files::is_held(lease)) return Publication::superseded;
    const bool is_replacement = is_there(published);
    const auto other = info_at(published);
    const bool other_is_done = other && other->status == results::TrialState::done;
    if (other && other->token >= lease.token) return Publication::superseded;
    if (other && other->token > replaces && (other_is_done || !is_done))
      return Publication::superseded;
    if (other_is_done && (!is_done || file.epochs() < other->epochs_done)) {
      files::clear(lease);
      return Publication::kept;
    }
    if (is_done) save_parameters();
    // Where it says no, another run was faster: what it published is looked at again.
    if (file.publish(status, error, published.string(), is_replacement)) {
      if (!is_done) save_parameters();
      files::clear(lease);
      return Publication::published;
    }
  }
}

bool is_published(const files::Lease& lease, const fs::path& published) {
  const auto other = info_at(published);
  return other && other->token >= lease.token;
}

}  // namespace varia::training
