#include "results/trial/summary_text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <utility>

#include "results/trial/trial_input.hpp"
#include "results/trial/trial_reader.hpp"

namespace varia::results {

namespace {

constexpr std::size_t kSmallest = 512;  // as HDF5 wants
constexpr std::size_t kLargest = 65536;
constexpr std::size_t kFirstRead = 4096;
constexpr std::size_t kHeadBytes = std::string_view("varia-trial 1 ").size() + 20 + 1 + 6 + 1;
constexpr std::size_t kLineBytes = kHeadBytes + 16 + 1;

/// The start of the first line, up to the checksum.
std::string head_text(std::uint64_t file_size, std::size_t text_size) {
  std::array<char, 96> line{};
  std::snprintf(line.data(), line.size(), "%s %lld %020llu %06zu ", kTrialFormat,
                static_cast<long long>(kFormatVersion), static_cast<unsigned long long>(file_size),
                text_size);
  return line.data();
}

std::string checksum_text(std::string_view head, std::string_view text) {
  const XXH64_hash_t seed = XXH3_64bits(head.data(), head.size());
  std::array<char, 24> digits{};
  std::snprintf(
      digits.data(), digits.size(), "%016llx\n",
      static_cast<unsigned long long>(XXH3_64bits_withSeed(text.data(), text.size(), seed)));
  return digits.data();
}

std::string escaped(const std::string& value) {
  std::string line;
  line.reserve(value.size());
  for (const char c : value) {
    if (c == '\n') {
      line += "\\n";
    } else if (c == '\\') {
      line += "\\\\";
    } else {
      line += c;
    }
  }
  return line;
}

template <class Number>
std::string escaped(Number value) {
  std::array<char, 40> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return {digits.data(), end};
}

bool unescape(std::string_view line, std::string& value) {
  value.reserve(line.size());
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\\') {
      value += line[i];
      continue;
    }
    if (++i == line.size() || (line[i] != 'n' && line[i] != '\\')) return false;
    value += line[i] == 'n' ? '\n' : '\\';
  }
  return true;
}

template <class Number>
bool unescape(std::string_view line, Number& value) {
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
  return error == std::errc() && end == line.data() + line.size();
}

/// Takes the line `<name>=<value>` from the front of `text`. @returns nullopt if it is another one
std::optional<std::string_view> take_line(std::string_view& text, std::string_view name) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos || end <= name.size() || !text.starts_with(name) ||
      text[name.size()] != '=') {
    return std::nullopt;
  }
  const std::string_view value = text.substr(name.size() + 1, end - name.size() - 1);
  text.remove_prefix(end + 1);
  return value;
}

std::string text_of(const TrialInfo& info) {
  std::string text;
  for_each_trial_field([&](const auto& field) {
    text += std::string(field.name) + "=" + escaped(stored_field(info.*field.member)) + "\n";
  });
  return text;
}

std::optional<TrialInfo> info_of(std::string_view text) {
  TrialInfo info;
  bool good = true;
  for_each_trial_field([&]<class T>(const TrialField<T>& field) {
    if (!good) return;
    const auto line = take_line(text, field.name);
    StoredField<T> stored{};
    good = line && unescape(*line, stored) && load_field(std::move(stored), info.*field.member);
  });
  if (!good || !text.empty() || info.epochs_done < 0) return std::nullopt;
  return info;
}

/// A file that is closed at the end.
class Descriptor {
 public:
  explicit Descriptor(const std::string& path)
      : file_(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {}
  ~Descriptor() {
    if (file_ >= 0) ::close(file_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  /// The size of a regular file; nothing for anything else.
  std::optional<std::uint64_t> size() const {
    struct stat status {};
    if (file_ < 0 || ::fstat(file_, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    return static_cast<std::uint64_t>(status.st_size);
  }
  /// Reads from the start of the file, as many bytes as there are.
  std::size_t read(char* bytes, std::size_t count) const {
    std::size_t done = 0;
    while (done < count) {
      const ssize_t got = ::pread(file_, bytes + done, count - done, static_cast<off_t>(done));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

 private:
  int file_;
};

}  // namespace

UserBlock summary_block(const TrialInfo& info) {
  const std::string text = text_of(info);
  if (kLineBytes + text.size() > kLargest) return {};
  std::size_t size = kSmallest;
  while (size < kLineBytes + text.size()) size *= 2;
  return {size, [text](std::uint64_t file_size) {
            const std::string head = head_text(file_size, text.size());
            return head + checksum_text(head, text) + text;
          }};
}

std::optional<TrialInfo> read_summary_text(const std::string& path) {
  const Descriptor file(path);
  const auto file_size = file.size();
  if (!file_size || *file_size < kSmallest) return std::nullopt;
  std::array<char, kFirstRead> start{};
  std::string_view bytes(start.data(), file.read(start.data(), start.size()));
  if (bytes.size() < kLineBytes) return std::nullopt;
  std::size_t text_size = 0;
  const char* digits = bytes.data() + kHeadBytes - 7;
  if (std::from_chars(digits, digits + 6, text_size).ec != std::errc() ||
      text_size > kLargest - kLineBytes ||
      bytes.substr(0, kHeadBytes) != head_text(*file_size, text_size)) {
    return std::nullopt;
  }
  std::string longer;
  if (kLineBytes + text_size > bytes.size()) {
    longer.resize(kLineBytes + text_size);
    if (file.read(longer.data(), longer.size()) != longer.size()) return std::nullopt;
    bytes = longer;
  }
  const std::string_view text = bytes.substr(kLineBytes, text_size);
  if (bytes.substr(kHeadBytes, 17) != checksum_text(bytes.substr(0, kHeadBytes), text)) {
    return std::nullopt;
  }
  return info_of(text);
}

}  // namespace varia::results
