#include "files/lease.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <functional>
#include <map>
#include <system_error>

#include "files/folder_entries.hpp"
#include "files/process.hpp"
#include "varia/error.hpp"
#include "varia/host/descriptor.hpp"

namespace varia::files {

namespace fs = std::filesystem;

namespace {

/// Higher numbers are not tokens: a file that anyone may have made must not use them up.
constexpr std::uint64_t kMaxToken = 1'000'000'000;

/// What is in the folder, with token 0 if a name has none; nothing if it does not exist.
std::vector<TokenFile> entries_of(const fs::path& folder) {
  std::vector<TokenFile> entries;
  std::error_code error;
  for (const auto& entry : folder_entries(folder, error))
    entries.push_back({entry.path(), token_in(entry.path().filename().string())});
  if (error && error != std::errc::no_such_file_or_directory) {
    throw StoreError(folder.string(), "cannot be read: " + error.message());
  }
  return entries;
}

fs::path lease_path(const fs::path& folder, std::uint64_t token) {
  return folder / ("lease." + std::to_string(token));
}

bool is_lease(const TokenFile& entry) {
  return entry.token > 0 && entry.path.filename() == "lease." + std::to_string(entry.token);
}

/// What a lease names; empty if it is not a run.
std::string target_of(const fs::path& link) {
  std::array<char, 256> text{};
  const auto length = ::readlink(link.c_str(), text.data(), text.size());
  std::string run(text.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  return is_run_id(run) ? run : std::string();
}

/// 0 if there is none.
std::uint64_t highest_token(const std::vector<TokenFile>& entries) {
  return entries.empty() ? 0 : std::ranges::max(entries, {}, &TokenFile::token).token;
}

/// Leases of a folder, by token, with the run that each names: empty if it is none.
using Holders = std::map<std::uint64_t, std::string>;

Holders holders_in(const std::vector<TokenFile>& entries) {
  Holders holders;
  for (const TokenFile& entry : entries)
    if (is_lease(entry)) holders.emplace(entry.token, target_of(entry.path));
  return holders;
}

/// Whether a lease that was just made is its run's: there, of a token that no one else has had, and
/// no lease was made since the folder was looked at. Of two runs that make theirs at the same time,
/// at least one sees the other's.
bool is_alone(const Lease& lease, const Holders& before) {
  const auto entries = entries_of(lease.folder);
  const fs::path link = lease_path(lease.folder, lease.token);
  const bool is_new = std::ranges::none_of(entries, [&](const TokenFile& entry) {
    return entry.token >= lease.token && entry.path != link;
  });
  Holders now = holders_in(entries);
  const auto mine = now.extract(lease.token);
  return is_new && mine && mine.mapped() == lease.run &&
         std::ranges::includes(before, now);  // both are in the order of their tokens
}

/// Removes what has a token up to this one; and what has none, unless there is a higher one.
template <class Stays>
void remove_up_to(std::uint64_t token, const std::vector<TokenFile>& entries, Stays stays) {
  const bool is_superseded = highest_token(entries) > token;
  std::error_code ignored;
  for (const TokenFile& entry : entries) {
    const bool is_old = entry.token > 0 ? entry.token <= token : !is_superseded;
    if (is_old && !stays(entry)) fs::remove_all(entry.path, ignored);
  }
}

}  // namespace

std::uint64_t token_in(const std::string& name) {
  for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
    const std::size_t end = std::min(name.find('.', dot + 1), name.size());
    std::uint64_t token = 0;
    const auto [stop, error] = std::from_chars(name.data() + dot + 1, name.data() + end, token);
    if (error == std::errc() && stop == name.data() + end && token > 0 && token <= kMaxToken)
      return token;
  }
  return 0;
}

std::optional<Lease> take_lease(const fs::path& folder, std::uint64_t published,
                                const std::string& run, RunWatch& watch) {
  if (!is_run_id(run)) throw StoreError(folder.string(), "'" + run + "' is not a run's id");
  std::error_code error;
  fs::create_directories(folder, error);
  // Another run may remove it, or remove and make it, at this moment.
  if (error == std::errc::file_exists) {
    std::error_code ignored;
    const auto place = fs::symlink_status(folder, ignored);
    if (!fs::exists(place) || fs::is_directory(place)) return std::nullopt;
  }
  if (error) throw StoreError(folder.string(), "cannot be made: " + error.message());
  const std::vector<TokenFile> entries = entries_of(folder);
  const Holders before = holders_in(entries);
  const auto is_held_by = [&](const std::string& holder) {
    return holder == run || (!holder.empty() && !watch.is_dead(holder));
  };
  if (std::ranges::any_of(before, is_held_by, &Holders::value_type::second)) return std::nullopt;
  const Lease lease{folder, std::max(published, highest_token(entries)) + 1, run};
  if (lease.token > kMaxToken)
    throw StoreError(folder.string(),
                     "no number is left for a lease: a file there, or the "
                     "published one, has the highest; move it away");
  const fs::path link = lease_path(folder, lease.token);
  if (::symlink(run.c_str(), link.c_str()) != 0) {
    // ENOENT: the folder was removed meanwhile, since the trial was published.
    if (errno == EEXIST || errno == ENOENT) return std::nullopt;
    throw StoreError(link.string(), "the lease cannot be taken: " + system_reason(errno));
  }
  if (!is_alone(lease, before)) {
    release(lease);
    return std::nullopt;
  }
  // From here on their holders have lost.
  for (const auto& [token, dead] : before) {
    if (::unlink(lease_path(folder, token).c_str()) == 0 || errno == ENOENT) continue;
    const int failure = errno;
    release(lease);
    throw StoreError(lease_path(folder, token).string(),
                     "cannot be removed: " + system_reason(failure));
  }
  return lease;
}

std::string lease_holder(const fs::path& folder) {
  const Holders holders = holders_in(entries_of(folder));
  return holders.empty() ? "" : holders.rbegin()->second;
}

bool is_held(const Lease& lease) {
  return target_of(lease_path(lease.folder, lease.token)) == lease.run;
}

void release(const Lease& lease) {
  if (!is_held(lease)) return;
  ::unlink(lease_path(lease.folder, lease.token).c_str());
  ::rmdir(lease.folder.c_str());  // where nothing was written
}

void clear(const Lease& lease) {
  // Another run may be trying for a lease: it removes its link itself. If it were removed here, its
  // name could be a third run's by then.
  remove_up_to(lease.token, entries_of(lease.folder),
               [](const TokenFile& entry) { return is_lease(entry); });
  if (is_held(lease)) ::unlink(lease_path(lease.folder, lease.token).c_str());
  ::rmdir(lease.folder.c_str());  // stays where another run has begun
}

void clear_outdated(const fs::path& folder, std::uint64_t published) {
  remove_up_to(published, entries_of(folder), [](const TokenFile&) { return false; });
  ::rmdir(folder.c_str());
}

std::vector<TokenFile> token_files(const fs::path& folder, const std::string& stem,
                                   const std::string& suffix) {
  std::vector<TokenFile> files;
  std::error_code ignored;
  for (const TokenFile& entry : entries_of(folder)) {
    if (entry.token == 0 ||
        entry.path.filename() != stem + "." + std::to_string(entry.token) + suffix ||
        !fs::is_regular_file(fs::symlink_status(entry.path, ignored))) {
      continue;
    }
    files.push_back({entry.path, entry.token});
  }
  std::ranges::sort(files, std::greater(), &TokenFile::token);
  return files;
}

}  // namespace varia::files
