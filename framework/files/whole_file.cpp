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
#include <regex>
#include <system_error>
#include <utility>

#include "files/folder_entries.hpp"
#include "files/process.hpp"
#include "varia/error.hpp"

namespace varia::files {

namespace fs = std::filesystem;
using FileStatus = struct stat;

namespace {

std::string folder_of(const std::string& path) {
  const auto parent = fs::path(path).parent_path();
  return parent.empty() ? "." : parent.string();
}

/// @returns 0 or the error's number
int write_all(int file, std::string_view bytes) {
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

/// Whether temporary_beside has made this name, here or on another machine:
/// "<name>.<boot id and space>-<process>-<8 random digits>.tmp".
bool is_temporary(const std::string& name) {
  static const std::regex pattern(R"(.+\.[0-9a-f]{0,8}-[0-9]*-[0-9]+-[0-9a-f]{8}\.tmp)");
  return std::regex_match(name, pattern);
}

/// When a folder was last changed, or a file in it, by the clock of the file system.
fs::file_time_type newest_in(const std::string& folder) {
  std::error_code error;
  fs::file_time_type newest = fs::last_write_time(folder, error);
  for (const auto& entry : folder_entries(folder, error)) {
    std::error_code gone;
    const auto written = fs::last_write_time(entry.path(), gone);
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
  std::error_code ignored;
  for (const auto& entry : folder_entries(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(begin) || !name.ends_with(kTemporaryEnd)) continue;
    // A folder may hold anything, and what lies beside a file of the user may be the user's.
    const bool is_folder = fs::is_directory(entry.symlink_status(ignored));
    if (!is_temporary(name) && (is_folder || !begin.empty())) continue;
    const auto writer = writer_of(name);
    if (!(writer ? is_gone(*writer) : is_old(entry.path().string()))) continue;
    fs::remove_all(entry.path(), ignored);
  }
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

WholeFile::WholeFile(std::string path, Lasting lasting)
    : path_(std::move(path)), lasting_(lasting) {
  create_folder_of(path_);
  temporary_ = temporary_beside(path_);
  file_ = Descriptor(::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (!file_.is_open())
    throw StoreError(path_, "cannot write " + temporary_ + ": " + system_reason(errno));
}

WholeFile::~WholeFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void WholeFile::write(std::string_view bytes) {
  if (failure_ == 0) failure_ = write_all(file_.number(), bytes);
  check();
}

void WholeFile::check() const {
  if (failure_ != 0) throw StoreError(path_, "cannot be written: " + system_reason(failure_));
}

void WholeFile::commit() {
  check();
  if (lasting_ == Lasting::yes && ::fsync(file_.number()) != 0) failure_ = errno;
  const int unstored = file_.close();
  if (failure_ == 0) failure_ = unstored;
  if (failure_ == 0 && std::rename(temporary_.c_str(), path_.c_str()) != 0) failure_ = errno;
  check();
  temporary_.clear();
  if (lasting_ == Lasting::yes) sync_folder(folder_of(path_));
}

void write_whole_file(const std::string& path, const std::string& bytes, Lasting lasting) {
  WholeFile file(path, lasting);
  file.write(bytes);
  file.commit();
}

std::string read_whole_file(const std::string& path, std::uint64_t limit) {
  // A named pipe would wait for its writer for ever.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file.is_open()) throw StoreError(path, "cannot be opened: " + system_reason(errno));
  FileStatus status{};
  if (::fstat(file.number(), &status) != 0)
    throw StoreError(path, "cannot be read: " + system_reason(errno));
  if (!S_ISREG(status.st_mode)) throw StoreError(path, "is not a regular file");
  const auto most =
      "is larger than the " + std::to_string(limit) + " bytes that such a file may have";
  if (static_cast<std::uint64_t>(status.st_size) > limit) throw StoreError(path, most);
  std::string bytes;
  std::array<char, 65536> part{};
  while (bytes.size() <= limit) {
    const auto got = ::read(file.number(), part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw StoreError(path, "cannot be read: " + system_reason(errno));
    if (got == 0) break;
    bytes.append(part.data(), static_cast<std::size_t>(got));
  }
  if (bytes.size() > limit) throw StoreError(path, most);  // it has grown meanwhile
  return bytes;
}

std::optional<FileStamp> stamp_of(const std::string& path) {
  FileStatus status{};
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  // Also of a file that may not be read.
  const int result =
      file.is_open() ? ::fstat(file.number(), &status) : ::stat(path.c_str(), &status);
  if (result != 0) return std::nullopt;
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
  while (folder_.is_open() && ::flock(folder_.number(), LOCK_EX) != 0 && errno == EINTR) continue;
}

void sync_folder(const std::string& folder) {
  const Descriptor file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!file.is_open()) throw StoreError(folder, "cannot be opened: " + system_reason(errno));
  // Some network file systems have no fsync of folders; they say EINVAL.
  if (::fsync(file.number()) != 0 && errno != EINVAL) {
    throw StoreError(folder, "fsync of the folder failed: " + system_reason(errno));
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
      throw StoreError(to, "cannot be linked to " + from + ": " + system_reason(error));
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
  if (::access(from.c_str(), F_OK) != 0) throw StoreError(from, "is gone: " + system_reason(errno));
  create_folder_of(to);
  Descriptor claim(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (!claim.is_open() && errno == EEXIST) return false;
  if (!claim.is_open()) throw StoreError(to, "cannot be created: " + system_reason(errno));
  claim.close();
  if (std::rename(from.c_str(), to.c_str()) != 0) {
    const int error = errno;
    ::unlink(to.c_str());
    throw StoreError(to, "cannot rename " + from + " to it: " + system_reason(error));
  }
  sync_folder(folder_of(to));
  return true;
}

void publish_over(const std::string& from, const std::string& to) {
  create_folder_of(to);
  if (std::rename(from.c_str(), to.c_str()) != 0) {
    throw StoreError(to, "cannot rename " + from + " to it: " + system_reason(errno));
  }
  sync_folder(folder_of(to));
}

void replace_folder(const std::string& from, const std::string& to) {
  // Atomic: the old folder is never away.
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) != 0) {
    // Some file systems, as NFS, cannot exchange.
    if (errno == EINVAL || errno == ENOSYS) return replace_in_two_steps(from, to);
    throw StoreError(to, "cannot exchange " + from + " for it: " + system_reason(errno));
  }
  sync_folder(folder_of(to));
  std::error_code ignored;
  fs::remove_all(from, ignored);
}

void replace_in_two_steps(const std::string& from, const std::string& to) {
  const auto old = temporary_beside(to);
  if (std::rename(to.c_str(), old.c_str()) != 0)
    throw StoreError(to, "cannot be renamed to " + old + ": " + system_reason(errno));
  if (std::rename(from.c_str(), to.c_str()) != 0) {
    const int error = errno;
    std::rename(old.c_str(), to.c_str());
    throw StoreError(to, "cannot rename " + from + " to it: " + system_reason(error));
  }
  sync_folder(folder_of(to));
  std::error_code ignored;
  fs::remove_all(old, ignored);
}

std::string temporary_beside(const std::string& path) {
  const std::string name = fs::path(path).filename().string();
  remove_left_behind(folder_of(path), name + ".");
  return path + temporary_start() + std::to_string(::getpid()) + "-" + random_digits() +
         kTemporaryEnd;
}

}  // namespace varia::files
