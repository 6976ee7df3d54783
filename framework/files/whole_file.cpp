#include "files/whole_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "varia/error.hpp"

namespace varia::files {

namespace {

std::string reason(int error) { return std::generic_category().message(error); }

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

}  // namespace

void write_whole_file(const std::string& path, const std::string& bytes) {
  const auto folder = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error)
    throw StoreError(path, "the folder " + folder.string() + " cannot be made: " + error.message());
  const auto temporary = path + ".tmp";
  // What a killed run left behind; through a link in its place nothing must be written elsewhere.
  ::unlink(temporary.c_str());
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0) throw StoreError(path, "cannot write " + temporary + ": " + reason(errno));
  int failure = write_all(file, bytes);
  if (::close(file) != 0 && failure == 0) failure = errno;
  if (failure == 0 && std::rename(temporary.c_str(), path.c_str()) != 0) failure = errno;
  if (failure == 0) return;
  ::unlink(temporary.c_str());
  throw StoreError(path, "cannot be written: " + reason(failure));
}

}  // namespace varia::files
