#include "files/whole_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <vector>

#include "files/process.hpp"
#include "varia/error.hpp"

namespace varia::files {

namespace fs = std::filesystem;
using FileStatus = struct stat;

namespace {

std::string reason(int error) { return std::generic_category().message(error); }

std::string folder_of(const std::string& path) {
  const auto parent = fs::path(path).parent_path();
  return parent.empty() ? "." : parent.string();
}

/// @returns 0 or the error's number
int write_all(int file, const std::string& bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto put = ::write(file, bytes.data() + done, bytes.size() - done);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno;
    done += static_cast<std::size_t>(put);
  }
  return 0;
}

constexpr const char* kTemporaryEnd = ".tmp";
/// The age from which the file of a process that nothing is known of is stale.
constexpr std::chrono::hours kOld{24};

/// Between the name of a file and the number of the process that writes it.
std::string temporary_start() { return "." + place_mark() + "-"; }

/// The process whose temporary file has this name; nullopt if it is of none that could be seen.
std::optional<Process> writer_of(const std::string& name) {
  const std::string start = temporary_start();
  const std::size_t place = name.rfind(start);
  if (place == std::string::npos) return std::nullopt;
  Process process = this_process();
  process.started = 0;  // it is not in the name
  const char* const last = name.data() + name.size();
  const auto [stop, failure] =
      std::from_chars(name.data() + place + start.size(), last, process.number);
  return failure == std::errc() && stop != last && *stop == '-' ? std::optional(process)
                                                                : std::nullopt;
}

/// When a folder was last changed, or a file in it, by the clock of the file system.
fs::file_time_type newest_in(const std::string& folder) {
  std::error_code error;
  fs::file_time_type newest = fs::last_write_time(folder, error);
  for (fs::directory_iterator entry(folder, error), none; !error && entry != none;
       entry.increment(error)) {
    std::error_code gone;
    const auto written = fs::last_write_time(entry->path(), gone);
    if (!gone) newest = std::max(newest, written);
  }
  return newest;
}

}  // namespace

bool is_old(const std::string& path) {
  std::error_code gone;
  const auto written = fs::last_write_time(path, gone);
  return !gone && newest_in(folder_of(path)) - written > kOld;
}

void remove_left_behind(const std::string& folder, const std::string& begin) {
  std::error_code error;
  std::vector<fs::path> left_behind;
  for (fs::directory_iterator entry(folder, error), none; !error && entry != none;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(begin) || !name.ends_with(kTemporaryEnd)) continue;
    const auto writer = writer_of(name);
    if (writer ? is_gone(*writer) : is_old(entry->path().string()))
      left_behind.push_back(entry->path());
  }
  for (const fs::path& file : left_behind) ::unlink(file.c_str());
}

void create_folder_of(const std::string& path) {
  const std::string folder = folder_of(path);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw StoreError(path, "the folder " + folder + " cannot be made: " + error.message());
}

void write_if_changed(const std::string& path, const std::string& bytes) {
  try {
    if (read_whole_file(path, bytes.size()) == bytes) return;
  } catch (const StoreError&) {
    // Not there, or another one.
  }
  write_whole_file(path, bytes);
}

void write_whole_file(const std::string& path, const std::string& bytes, Lasting lasting) {
  create_folder_of(path);
  const auto temporary = temporary_beside(path);
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0) throw StoreError(path, "cannot write " + temporary + ": " + reason(errno));
  int failure = write_all(file, bytes);
  if (failure == 0 && lasting == Lasting::yes && ::fsync(file) != 0) failure = errno;
  if (::close(file) != 0 && failure == 0) failure = errno;
  if (failure == 0 && std::rename(temporary.c_str(), path.c_str()) != 0) failure = errno;
  if (failure != 0) {
    ::unlink(temporary.c_str());
    throw StoreError(path, "cannot be written: " + reason(failure));
  }
  if (lasting == Lasting::yes) sync_folder(folder_of(path));
}

std::string read_whole_file(const std::string& path, std::uint64_t limit) {
  // A named pipe would wait for its writer for ever.
  const int file = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) throw StoreError(path, "cannot be opened: " + reason(errno));
  const auto fail = [&](const std::string& message) {
    ::close(file);
    throw StoreError(path, message);
  };
  FileStatus status{};
  if (::fstat(file, &status) != 0) fail("cannot be read: " + reason(errno));
  if (!S_ISREG(status.st_mode)) fail("is not a regular file");
  const auto most =
      "is larger than the " + std::to_string(limit) + " bytes that such a file may have";
  if (static_cast<std::uint64_t>(status.st_size) > limit) fail(most);
  std::string bytes;
  std::array<char, 65536> part{};
  while (bytes.size() <= limit) {
    const auto got = ::read(file, part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("cannot be read: " + reason(errno));
    if (got == 0) break;
    bytes.append(part.data(), static_cast<std::size_t>(got));
  }
  if (bytes.size() > limit) fail(most);  // it has grown meanwhile
  ::close(file);
  return bytes;
}

std::optional<FileStamp> stamp_of(const std::string& path) {
  FileStatus status{};
  const int file = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  // Also of a file that may not be read.
  const bool is_there = (file >= 0 ? ::fstat(file, &status) : ::stat(path.c_str(), &status)) == 0;
  if (file >= 0) ::close(file);
  if (!is_there) return std::nullopt;
  constexpr std::int64_t kSecond = 1'000'000'000;
  FileStamp stamp;
  stamp.device = status.st_dev;
  stamp.inode = status.st_ino;
  stamp.size = static_cast<std::uint64_t>(status.st_size);
  stamp.changed = status.st_ctim.tv_sec * kSecond + status.st_ctim.tv_nsec;
  return stamp;
}

FolderLock::FolderLock(const std::filesystem::path& folder)
    : folder_(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  while (folder_ >= 0 && ::flock(folder_, LOCK_EX) != 0 && errno == EINTR) continue;
}

FolderLock::~FolderLock() {
  if (folder_ >= 0) ::close(folder_);
}

void sync_folder(const std::string& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) throw StoreError(folder, "cannot be opened: " + reason(errno));
  const int result = ::fsync(file);
  const int error = errno;
  ::close(file);
  // Some network file systems have no fsync of folders; they say EINVAL.
  if (result != 0 && error != EINVAL) {
    throw StoreError(folder, "fsync of the folder failed: " + reason(error));
  }
}

bool publish_new(const std::string& from, const std::string& to) {
  create_folder_of(to);
  if (::link(from.c_str(), to.c_str()) != 0) {
    const int error = errno;
    // EXDEV: some file systems link within one folder only.
    if (error == EPERM || error == EOPNOTSUPP || error == ENOSYS || error == EXDEV ||
        error == EMLINK) {
      return claim_and_rename(from, to);
    }
    if (error != EEXIST) {
      throw StoreError(to, "cannot be linked to " + from + ": " + reason(error));
    }
    // A network file system may repeat a call that was done already.
    std::error_code absent;
    if (fs::is_symlink(to, absent) || !fs::equivalent(from, to, absent)) return false;
  }
  sync_folder(folder_of(to));
  ::unlink(from.c_str());
  return true;
}

bool claim_and_rename(const std::string& from, const std::string& to) {
  if (::access(from.c_str(), F_OK) != 0) throw StoreError(from, "is gone: " + reason(errno));
  create_folder_of(to);
  const int claim = ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (claim < 0 && errno == EEXIST) return false;
  if (claim < 0) throw StoreError(to, "cannot be created: " + reason(errno));
  ::close(claim);
  if (std::rename(from.c_str(), to.c_str()) != 0) {
    const int error = errno;
    ::unlink(to.c_str());
    throw StoreError(to, "cannot rename " + from + " to it: " + reason(error));
  }
  sync_folder(folder_of(to));
  return true;
}

void publish_over(const std::string& from, const std::string& to) {
  create_folder_of(to);
  if (std::rename(from.c_str(), to.c_str()) != 0) {
    throw StoreError(to, "cannot rename " + from + " to it: " + reason(errno));
  }
  sync_folder(folder_of(to));
}

std::string temporary_beside(const std::string& path) {
  const std::string name = fs::path(path).filename().string();
  remove_left_behind(folder_of(path), name + ".");
  return path + temporary_start() + std::to_string(::getpid()) + "-" + random_digits() +
         kTemporaryEnd;
}

}  // namespace varia::files
