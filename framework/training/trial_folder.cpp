#include "training/trial_folder.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <iterator>
#include <optional>
#include <system_error>

#include "files/folder_entries.hpp"
#include "results/provenance.hpp"
#include "results/trial/trial_reader.hpp"
#include "varia/error.hpp"

namespace varia::training {

namespace fs = std::filesystem;

namespace {

constexpr const char* kPrevious = ".previous";

}  // namespace

std::string TrialFolder::trial_file(std::uint64_t token) const {
  return lease_.folder / ("trial." + std::to_string(token) + ".h5");
}

std::string TrialFolder::checkpoint() const {
  return lease_.folder / ("checkpoint." + std::to_string(lease_.token));
}

std::vector<files::TokenFile> TrialFolder::checkpoints() const {
  auto files = own_or_older("checkpoint", "");
  std::ranges::copy(own_or_older("checkpoint", kPrevious), std::back_inserter(files));
  std::ranges::stable_sort(files, std::greater{}, &files::TokenFile::token);
  return files;
}

std::vector<files::TokenFile> TrialFolder::trial_files() const {
  return own_or_older("trial", ".h5");
}

std::vector<files::TokenFile> TrialFolder::own_or_older(const std::string& stem,
                                                        const std::string& suffix) const {
  auto files = files::token_files(lease_.folder, stem, suffix);
  std::erase_if(files, [this](const auto& file) { return file.token > lease_.token; });
  return files;
}

void TrialFolder::remove_own() const {
  remove([this](std::uint64_t token) { return token == lease_.token; });
  files::release(lease_);
  // Who published the trial removed the folder; what was written after that made it again.
  std::error_code not_empty;
  fs::remove(lease_.folder, not_empty);
}

void TrialFolder::remove_all_but(std::uint64_t token) const {
  remove([&](std::uint64_t other) { return other < lease_.token && other != token; });
}

void TrialFolder::remove(const std::function<bool(std::uint64_t token)>& is_to_go) const {
  // Another run may be clearing the folder at the same time.
  std::error_code ignored;
  for (const auto& entry : files::folder_entries(lease_.folder, ignored)) {
    const auto name = entry.path().filename().string();
    if (!name.starts_with("trial.") && !name.starts_with("checkpoint.")) continue;
    const auto token = files::token_in(name);
    if (token > 0 && is_to_go(token)) fs::remove(entry.path(), ignored);
  }
}

namespace {

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::symlink_status(path, ignored).type() != fs::file_type::not_found;
}

/// nullopt if there is no file, or a damaged one, which is worth nothing.
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

bool publish(results::TrialFile& file, results::TrialState status, const std::string& error,
             const files::Lease& lease, const fs::path& published, std::uint64_t replaces,
             const std::function<void()>& save_parameters) {
  const bool is_done = status == results::TrialState::done;
  for (;;) {
    if (!files::is_held(lease)) return false;
    const bool is_replacement = is_there(published);
    const auto other = info_at(published);
    const bool other_is_done = other && other->status == results::TrialState::done;
    if (other && other->token >= lease.token) return false;
    if (other && other->token > replaces && (other_is_done || !is_done)) return false;
    if (other_is_done && (!is_done || !file.is_whole(other->epochs_done))) {
      files::clear(lease);
      return true;
    }
    if (is_done) save_parameters();
    // Writing takes time, in which the lease may be lost.
    const auto may_replace = [&] { return files::is_held(lease); };
    // If it says no, another run was faster: what it published is looked at again.
    if (file.publish(status, error, published.string(), is_replacement, may_replace)) {
      if (!is_done) save_parameters();
      files::clear(lease);
      return true;
    }
  }
}

bool is_published(const files::Lease& lease, const fs::path& published) {
  const auto other = info_at(published);
  return other && other->token >= lease.token;
}

}  // namespace varia::training
