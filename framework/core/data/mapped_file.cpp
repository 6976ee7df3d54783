#include "varia/mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "varia/error.hpp"

namespace varia {
namespace {

std::string reason(int number) { return std::generic_category().message(number); }

void require_regular(const std::filesystem::path& path, const struct stat& status) {
  if (S_ISREG(status.st_mode)) return;
  const char* found = S_ISDIR(status.st_mode)    ? "a folder"
                      : S_ISFIFO(status.st_mode) ? "a pipe"
                                                 : "no regular file";
  throw DataError(path.string(), std::string("expected a file, found ") + found + ".");
}

/// A file descriptor that is closed with its scope.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

}  // namespace

MappedFile::MappedFile(std::filesystem::path path) : path_(std::move(path)) {
  // Without O_NONBLOCK, opening a pipe would wait for a writer.
  const Descriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.number() < 0)
    throw DataError(path_.string(), "cannot be opened: " + reason(errno) + ".");
  struct stat status {};
  if (::fstat(file.number(), &status) != 0)
    throw DataError(path_.string(), "cannot be read: " + reason(errno) + ".");
  require_regular(path_, status);
  if (status.st_size == 0) throw DataError(path_.string(), "is empty.");
  size_ = static_cast<std::size_t>(status.st_size);
  void* const data = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.number(), 0);
  if (data == MAP_FAILED)
    throw DataError(path_.string(), "cannot be mapped into memory: " + reason(errno) + ".");
  data_ = static_cast<std::uint8_t*>(data);
}

MappedFile::~MappedFile() { ::munmap(data_, size_); }

void MappedFile::release(std::size_t begin, std::size_t bytes) const {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const auto first = (begin + page - 1) / page * page;
  const auto end = begin + bytes;
  if (first < end) ::madvise(data_ + first, end - first, MADV_DONTNEED);
}

std::string file_stamp(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0)
    throw DataError(file.string(), "cannot be read: " + reason(errno) + ".");
  require_regular(file, status);
  return file.string() + " " + std::to_string(status.st_size) + " " +
         std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec) +
         " " + std::to_string(status.st_ino);
}

std::int64_t memory_for_data() {
  return static_cast<std::int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGESIZE) / 2;
}

}  // namespace varia
