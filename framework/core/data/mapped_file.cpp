#include "varia/mapped_file.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <deque>
#include <mutex>
#include <utility>

#include "varia/error.hpp"
#include "varia/host/descriptor.hpp"

namespace varia {
namespace {

void require_regular(const std::filesystem::path& path, const struct stat& status) {
  if (S_ISREG(status.st_mode)) return;
  const char* found = S_ISDIR(status.st_mode)    ? "a folder"
                      : S_ISFIFO(status.st_mode) ? "a pipe"
                                                 : "no regular file";
  throw DataError(path.string(), std::string("expected a file, found ") + found + ".");
}

/// A mapped file as the handler of SIGBUS sees it.
struct Mapping {
  std::atomic<std::uintptr_t> begin = 0;  ///< 0: unmapped again
  std::size_t size = 0;
  std::atomic<bool> is_cut = false;  ///< zeros stand in for what the file lacks
  std::string path;
  Mapping* next = nullptr;

  bool has(std::uintptr_t address) const {
    const auto first = begin.load();
    return first != 0 && address >= first && address - first < size;
  }
};

std::atomic<Mapping*> newest = nullptr;
const auto page_size = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
struct sigaction others_action {};

Mapping* mapping_of(std::uintptr_t address) {
  auto* mapping = newest.load();
  while (mapping != nullptr && !mapping->has(address)) mapping = mapping->next;
  return mapping;
}

/// Puts zeros in place of the rest of a file that was cut short. Another SIGBUS goes to who handled
/// it before: the access is repeated on return.
void on_bus_error(int, siginfo_t* info, void*) {
  const int error = errno;
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  auto* const mapping = mapping_of(address);
  const auto in_page = address % page_size;
  if (mapping != nullptr && ::mmap(static_cast<char*>(info->si_addr) - in_page,
                                   mapping->begin + mapping->size - (address - in_page), PROT_READ,
                                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED)
    mapping->is_cut = true;
  else
    ::sigaction(SIGBUS, &others_action, nullptr);
  errno = error;
}

void handle_bus_errors() {
  struct sigaction action {};
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGBUS, &action, &others_action);
}

/// Makes the handler know a mapping. What it reads is never freed.
void protect(std::uintptr_t begin, std::size_t size, const std::string& path) {
  static std::mutex mutex;
  static auto& all = *new std::deque<Mapping>;
  const std::lock_guard lock(mutex);
  if (all.empty()) handle_bus_errors();
  const auto unused = std::ranges::find_if(all, [](const auto& one) { return one.begin == 0; });
  const bool is_new = unused == all.end();
  auto& mapping = is_new ? all.emplace_back() : *unused;
  mapping.size = size;
  mapping.path = path;
  mapping.is_cut = false;
  mapping.begin = begin;
  if (!is_new) return;
  mapping.next = newest;
  newest = &mapping;
}

}  // namespace

MappedFile::MappedFile(std::filesystem::path path) : path_(std::move(path)) {
  // Without O_NONBLOCK, opening a pipe would wait for a writer.
  const Descriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open())
    throw DataError(path_.string(), "cannot be opened: " + system_reason(errno) + ".");
  struct stat status {};
  if (::fstat(file.number(), &status) != 0)
    throw DataError(path_.string(), "cannot be read: " + system_reason(errno) + ".");
  require_regular(path_, status);
  if (status.st_size == 0) throw DataError(path_.string(), "is empty.");
  size_ = static_cast<std::size_t>(status.st_size);
  void* const data = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.number(), 0);
  if (data == MAP_FAILED)
    throw DataError(path_.string(), "cannot be mapped into memory: " + system_reason(errno) + ".");
  data_ = static_cast<std::uint8_t*>(data);
  protect(reinterpret_cast<std::uintptr_t>(data), size_, path_.string());
}

MappedFile::~MappedFile() {
  mapping_of(reinterpret_cast<std::uintptr_t>(data_))->begin = 0;
  ::munmap(data_, size_);
}

void MappedFile::release(std::size_t begin, std::size_t bytes) const {
  const auto first = (begin + page_size - 1) / page_size * page_size;
  const auto end = begin + bytes;
  if (first < end) ::madvise(data_ + first, end - first, MADV_DONTNEED);
}

void protect_mapped_files() {
  if (newest.load() != nullptr) handle_bus_errors();
}

void require_whole(const void* data) {
  const auto* const mapping = mapping_of(reinterpret_cast<std::uintptr_t>(data));
  if (mapping != nullptr && mapping->is_cut)
    throw DataError(mapping->path, "was cut short while it was in use.");
}

std::string file_stamp(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0)
    throw DataError(file.string(), "cannot be read: " + system_reason(errno) + ".");
  require_regular(file, status);
  std::string stamp = file.string();
  for (const auto number :
       {static_cast<std::int64_t>(status.st_size), static_cast<std::int64_t>(status.st_ino),
        std::int64_t{status.st_mtim.tv_sec}, std::int64_t{status.st_mtim.tv_nsec},
        std::int64_t{status.st_ctim.tv_sec}, std::int64_t{status.st_ctim.tv_nsec}})
    stamp += " " + std::to_string(number);
  return stamp;
}

std::int64_t memory_for_data() {
  return static_cast<std::int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGESIZE) / 2;
}

}  // namespace varia
