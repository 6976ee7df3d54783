#include "results/trial/glance_block.hpp"

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

#include "results/names.hpp"
#include "results/trial/trial_input.hpp"
#include "varia/error.hpp"

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

/// Writes the fields of a glance, or reads them back: one list for both.
template <class Glance, class Field>
void each_field(Glance& glance, Field&& field) {
  field("id", glance.id);
  field("experiment", glance.experiment);
  field("status", glance.status);
  field("error", glance.error);
  field("epochs_done", glance.epochs_done);
  field("target_epochs", glance.target_epochs);
  field("seed", glance.seed);
  field("replicate", glance.replicate);
  field("host", glance.host);
  field("cpu", glance.cpu);
  field("versions", glance.versions);
  field("plugins", glance.plugins);
  field("measures", glance.measures);
  field("token", glance.token);
  field("seconds", glance.seconds);
}

class FieldWriter {
 public:
  explicit FieldWriter(std::string& text) : text_(text) {}

  template <class T>
  void operator()(const char* name, const T& value) {
    text_ += name;
    text_ += '=';
    put(value);
    text_ += '\n';
  }

 private:
  void put(const std::string& value) {
    for (const char c : value) {
      if (c == '\n') {
        text_ += "\\n";
      } else if (c == '\\') {
        text_ += "\\\\";
      } else {
        text_ += c;
      }
    }
  }
  void put(Status value) { text_ += status_text(value); }
  template <class Number>
  void put(Number value) {
    std::array<char, 40> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    text_.append(digits.data(), end);
  }

  std::string& text_;
};

/// Takes the lines one by one; `good` tells whether they were as expected.
class FieldReader {
 public:
  explicit FieldReader(std::string_view text) : rest_(text) {}

  template <class T>
  void operator()(std::string_view name, T& value) {
    const std::size_t end = rest_.find('\n');
    const bool is_line = end != std::string_view::npos && end > name.size() &&
                         rest_.substr(0, name.size()) == name && rest_[name.size()] == '=';
    good_ = good_ && is_line && take(rest_.substr(name.size() + 1, end - name.size() - 1), value);
    if (good_) rest_.remove_prefix(end + 1);
  }
  bool good() const { return good_ && rest_.empty(); }

 private:
  static bool take(std::string_view line, std::string& value) {
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
  static bool take(std::string_view line, Status& value) {
    for (const Status status : {Status::partial, Status::done, Status::failed}) {
      if (line == status_text(status)) {
        value = status;
        return true;
      }
    }
    return false;
  }
  template <class Number>
  static bool take(std::string_view line, Number& value) {
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
    return error == std::errc() && end == line.data() + line.size();
  }

  std::string_view rest_;
  bool good_ = true;
};

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

GlanceBlock::GlanceBlock(const TrialGlance& glance) {
  each_field(glance, FieldWriter(text_));
  if (kLineBytes + text_.size() > kLargest) text_.clear();
}

hdf5::UserBlock GlanceBlock::user_block() const {
  if (text_.empty()) return {};
  std::size_t size = kSmallest;
  while (size < kLineBytes + text_.size()) size *= 2;
  return {size, [this](std::uint64_t file_size) {
            const std::string head = head_text(file_size, text_.size());
            return head + checksum_text(head, text_) + text_;
          }};
}

std::optional<TrialGlance> read_glance_block(const std::string& path) {
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
  TrialGlance glance;
  FieldReader reader(text);
  each_field(glance, reader);
  if (!reader.good() || glance.epochs_done < 0) return std::nullopt;
  return glance;
}

}  // namespace varia::results
