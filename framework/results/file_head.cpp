#include "results/file_head.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <bit>
#include <cerrno>
#include <charconv>

namespace varia::results {

namespace {

constexpr std::size_t kSmallest = 512;  // as HDF5 wants
constexpr std::size_t kFirstRead = 4096;
constexpr std::size_t kChecksumBytes = 17;  // with the end of its line

/// The first line up to the checksum.
std::string line_start(const std::string& format, std::uint64_t file_size, std::size_t text_size) {
  return fmt::format("{} {} {:020} {:06} ", format, kFormatVersion, file_size, text_size);
}

std::string checksum(const std::string& line_start, std::string_view text) {
  const XXH64_hash_t seed = XXH3_64bits(line_start.data(), line_start.size());
  return fmt::format("{:016x}\n", XXH3_64bits_withSeed(text.data(), text.size(), seed));
}

/// The first `count` bytes of a regular file, or as many as there are; none of anything else.
std::string first_bytes(const std::string& path, std::size_t count, std::uint64_t& file_size) {
  const int file = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) return "";
  std::string bytes;
  struct stat status {};
  if (::fstat(file, &status) == 0 && S_ISREG(status.st_mode)) bytes.resize(count);
  file_size = static_cast<std::uint64_t>(status.st_size);
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got =
        ::pread(file, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  ::close(file);
  bytes.resize(done);
  return bytes;
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
  std::uint64_t file_size = 0;
  std::string bytes = first_bytes(path, kFirstRead, file_size);
  const std::size_t text_start = line_start(format, 0, 0).size() + kChecksumBytes;
  if (bytes.size() < kSmallest) return std::nullopt;
  std::size_t text_size = 0;
  const char* const digits = bytes.data() + text_start - kChecksumBytes - 7;
  if (std::from_chars(digits, digits + 6, text_size).ec != std::errc() ||
      text_size > kLongestHeadText)
    return std::nullopt;
  if (text_start + text_size > bytes.size())
    bytes = first_bytes(path, text_start + text_size, file_size);
  const std::string text = bytes.size() < text_start ? "" : bytes.substr(text_start, text_size);
  if (!bytes.starts_with(head_bytes(format, text, file_size))) return std::nullopt;
  return text;
}

}  // namespace varia::results
