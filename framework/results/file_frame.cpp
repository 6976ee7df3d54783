#include "results/file_frame.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <charconv>
#include <string_view>
#include <vector>

#include "varia/error.hpp"
#include "varia/host/descriptor.hpp"

namespace varia::results {

namespace {

constexpr std::size_t kSmallest = 512;  // as HDF5 wants
constexpr std::size_t kFirstRead = 4096;
constexpr std::size_t kPart = std::size_t{1} << 20;
constexpr std::size_t kChecksumBytes = 17;  // with the end of its line

/// The first line up to the checksum.
std::string line_start(const std::string& format, std::uint64_t file_size, std::size_t text_size) {
  return fmt::format("{} {} {:020} {:06} ", format, kFormatVersion, file_size, text_size);
}

std::string checksum(const std::string& line_start, std::string_view text) {
  const XXH64_hash_t seed = XXH3_64bits(line_start.data(), line_start.size());
  return fmt::format("{:016x}\n", XXH3_64bits_withSeed(text.data(), text.size(), seed));
}

/// A regular file that is open for reading, and its size.
class Input {
 public:
  explicit Input(const std::string& path)
      : file_(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {
    struct stat status {};
    if (::fstat(file(), &status) == 0 && S_ISREG(status.st_mode))
      size_ = static_cast<std::uint64_t>(status.st_size);
  }

  int file() const { return file_.number(); }
  std::uint64_t size() const { return size_; }
  /// Bytes from a place on, as many as there are.
  std::string read(std::uint64_t address, std::size_t count) const {
    std::string bytes(std::min<std::uint64_t>(count, size_ - std::min(address, size_)), '\0');
    bytes.resize(static_cast<std::size_t>(
        std::max<ssize_t>(0, read_at(file(), address, bytes.data(), bytes.size()))));
    return bytes;
  }

 private:
  Descriptor file_;
  std::uint64_t size_ = 0;  // 0 if it is not a regular file
};

/// What a file ends with, if that begins as an end does.
std::optional<std::string> end_of(const Input& file) {
  if (file.size() < kEndSize) return std::nullopt;
  std::string end = file.read(file.size() - kEndSize, kEndSize);
  if (!end.starts_with("varia-checksum ")) return std::nullopt;
  return end;
}

}  // namespace

std::size_t head_size(const std::string& format, const std::string& text) {
  const std::size_t bytes = line_start(format, 0, 0).size() + kChecksumBytes + text.size();
  return std::bit_ceil(std::max(bytes, kSmallest));
}

std::string head_bytes(const std::string& format, const std::string& text,
                       std::uint64_t file_size) {
  const std::string start = line_start(format, file_size, text.size());
  return start + checksum(start, text) + text;
}

std::optional<std::string> read_head(const std::string& path, const std::string& format) {
  const Input file(path);
  std::string bytes = file.read(0, kFirstRead);
  const std::size_t text_start = line_start(format, 0, 0).size() + kChecksumBytes;
  if (bytes.size() < kSmallest) return std::nullopt;
  std::size_t text_size = 0;
  const char* const digits = bytes.data() + text_start - kChecksumBytes - 7;
  if (std::from_chars(digits, digits + 6, text_size).ec != std::errc() ||
      text_size > kLongestHeadText)
    return std::nullopt;
  if (text_start + text_size > bytes.size()) bytes = file.read(0, text_start + text_size);
  std::string text = bytes.size() < text_start ? "" : bytes.substr(text_start, text_size);
  if (!bytes.starts_with(head_bytes(format, text, file.size()))) return std::nullopt;
  return text;
}

std::string end_bytes(int file, std::uint64_t size) {
  XXH3_state_t state;
  XXH3_64bits_reset(&state);
  std::vector<char> part(std::min<std::uint64_t>(size, kPart));
  for (std::uint64_t done = 0; done < size;) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(size - done, kPart));
    const ssize_t got = read_at(file, done, part.data(), wanted);
    if (got == 0) errno = EIO;  // the file is shorter than it was
    if (got <= 0) return "";
    XXH3_64bits_update(&state, part.data(), static_cast<std::size_t>(got));
    done += static_cast<std::uint64_t>(got);
  }
  return fmt::format("varia-checksum {} {:020} {:016x}\n", kFormatVersion, size,
                     XXH3_64bits_digest(&state));
}

bool has_end(const std::string& path) { return end_of(Input(path)).has_value(); }

std::optional<bool> is_intact(const std::string& path) {
  const Input file(path);
  const auto end = end_of(file);
  if (!end) return std::nullopt;
  return *end == end_bytes(file.file(), file.size() - kEndSize);
}

bool require_intact(const std::string& path, const std::string& remedy) {
  const auto intact = is_intact(path);
  if (intact.value_or(true)) return intact.has_value();
  throw StoreError(path, "is damaged: its checksum is not that of its content. " + remedy);
}

ssize_t read_at(int file, std::uint64_t address, void* bytes, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::pread(file, static_cast<char*>(bytes) + done, size - done,
                                static_cast<off_t>(address + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return static_cast<ssize_t>(done);
}

ssize_t write_at(int file, std::uint64_t address, const void* bytes, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t put = ::pwrite(file, static_cast<const char*>(bytes) + done, size - done,
                                 static_cast<off_t>(address + done));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return -1;
    done += static_cast<std::size_t>(put);
  }
  return static_cast<ssize_t>(done);
}

}  // namespace varia::results
