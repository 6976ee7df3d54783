#include "shared/cache_files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <system_error>

#include "files/folder_entries.hpp"
#include "files/whole_file.hpp"
#include "varia/error.hpp"

namespace varia::datasets {

namespace fs = std::filesystem;

namespace {

constexpr std::array kExtensions = {".pixels", ".index", ".checked"};
constexpr auto kWeek = std::chrono::seconds(std::chrono::hours(7 * 24));

/// To now; the time of writing stays.
constexpr struct timespec kUsedNow[2] = {{0, UTIME_NOW}, {0, UTIME_OMIT}};

int open_to_lock(const fs::path& path) {
  return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

/// Removes a file unless it is in use, or was used since `last`, in seconds since 1970.
void remove_unused(const fs::path& path, std::int64_t last) {
  const int file = open_to_lock(path);
  if (file < 0) return;
  struct stat status {};
  // With the lock, so that no one has come to use it since.
  if (::flock(file, LOCK_EX | LOCK_NB) == 0 && ::fstat(file, &status) == 0 &&
      std::max(status.st_atim.tv_sec, status.st_mtim.tv_sec) < last)
    ::unlink(path.c_str());
  ::close(file);
}

}  // namespace

void mark_used(const fs::path& path) { ::utimensat(AT_FDCWD, path.c_str(), kUsedNow, 0); }

// Without a lock (no such file, or a file system that knows none) the time alone protects it.
CacheLock::CacheLock(const fs::path& path) : file_(open_to_lock(path)) {
  if (file_ < 0) return;
  ::flock(file_, LOCK_SH);
  ::futimens(file_, kUsedNow);
}

CacheLock::~CacheLock() {
  if (file_ >= 0) ::close(file_);
}

void remove_unused_caches(const fs::path& newest) {
  const auto folder = newest.parent_path();
  struct stat status {};
  if (::stat(newest.c_str(), &status) != 0) return;
  const auto last = std::int64_t{status.st_mtim.tv_sec} - kWeek.count();
  std::error_code error;
  files::remove_left_behind(folder.string());
  for (const auto& file : files::folder_entries(folder, error)) {
    const auto extension = file.path().extension();
    if (std::ranges::find(kExtensions, extension) != kExtensions.end())
      remove_unused(file.path(), last);
  }
}

}  // namespace varia::datasets
