#include "images/file_index.hpp"

#include <sys/stat.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>
#include <system_error>
#include <unordered_map>

#include "files/whole_file.hpp"
#include "images/many_files.hpp"
#include "shared/cache_files.hpp"
#include "varia/error.hpp"
#include "varia/sha256.hpp"

namespace varia::datasets {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kMagic = "varia files 1\n";
constexpr std::int64_t kSecond = 1'000'000'000;  // nanoseconds

/// An entry of the index as it is in its file, where the path follows it.
struct Entry {
  std::int64_t size = 0;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t written = 0;  ///< nanoseconds, of the content
  std::int64_t changed =
      0;  ///< nanoseconds, of the content or of what the system knows of the file
  std::int32_t height = 0;
  std::int32_t width = 0;
  std::uint8_t format = 0;
  std::uint8_t bits = 0;
  bool is_grey = false;
  bool has_alpha = false;
  std::uint32_t path_size = 0;
  char digest[64] = {};

  bool is_of(const struct stat& status) const;
};
static_assert(sizeof(Entry) == 120, "no padding, which would be written as it happens to be");

std::int64_t nanoseconds(const struct timespec& time) {
  return std::int64_t{time.tv_sec} * kSecond + time.tv_nsec;
}

bool Entry::is_of(const struct stat& status) const {
  return size == status.st_size && device == status.st_dev && inode == status.st_ino &&
         written == nanoseconds(status.st_mtim) && changed == nanoseconds(status.st_ctim);
}

Entry entry_of(const ExaminedFile& file, const struct stat& status) {
  Entry entry{.size = status.st_size,
              .device = status.st_dev,
              .inode = status.st_ino,
              .written = nanoseconds(status.st_mtim),
              .changed = nanoseconds(status.st_ctim),
              .height = static_cast<std::int32_t>(file.header.height),
              .width = static_cast<std::int32_t>(file.header.width),
              .format = static_cast<std::uint8_t>(file.header.format),
              .bits = static_cast<std::uint8_t>(file.header.bits),
              .is_grey = file.header.is_grey,
              .has_alpha = file.header.has_alpha};
  file.digest.copy(entry.digest, sizeof entry.digest);
  return entry;
}

ExaminedFile examined(const Entry& entry) {
  return {std::string(entry.digest, sizeof entry.digest),
          {.format = static_cast<pictures::Format>(entry.format),
           .height = entry.height,
           .width = entry.width,
           .bits = entry.bits,
           .is_grey = entry.is_grey,
           .has_alpha = entry.has_alpha}};
}

using Entries = std::unordered_map<std::string, Entry>;  // by path

/// Magic, checksum of what follows, entries.
Entries read_index(const fs::path& path) {
  std::string bytes;
  try {
    bytes = files::read_whole_file(path.string(), std::numeric_limits<std::uint32_t>::max());
  } catch (const StoreError&) {
    return {};
  }
  std::uint64_t checksum = 0;
  std::string_view rest = bytes;
  if (!rest.starts_with(kMagic) || rest.size() < kMagic.size() + sizeof checksum) return {};
  std::memcpy(&checksum, rest.data() + kMagic.size(), sizeof checksum);
  rest.remove_prefix(kMagic.size() + sizeof checksum);
  if (XXH3_64bits(rest.data(), rest.size()) != checksum) return {};
  Entries entries;
  while (rest.size() >= sizeof(Entry)) {
    Entry entry;
    std::memcpy(&entry, rest.data(), sizeof entry);
    rest.remove_prefix(sizeof entry);
    if (rest.size() < entry.path_size) return {};
    entries.emplace(rest.substr(0, entry.path_size), entry);
    rest.remove_prefix(entry.path_size);
  }
  return entries;
}

void write_index(const fs::path& path, const std::vector<ImageFile>& files,
                 const std::vector<std::optional<Entry>>& entries) {
  std::string content;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!entries[i]) continue;
    auto entry = *entries[i];
    const auto& name = files[i].path.native();
    entry.path_size = static_cast<std::uint32_t>(name.size());
    content.append(reinterpret_cast<const char*>(&entry), sizeof entry);
    content += name;
  }
  const std::uint64_t checksum = XXH3_64bits(content.data(), content.size());
  std::string bytes(kMagic);
  bytes.append(reinterpret_cast<const char*>(&checksum), sizeof checksum);
  try {
    files::write_whole_file(path.string(), bytes + content, files::Lasting::no);
  } catch (const StoreError&) {
    // Files are hashed again next time.
  }
}

struct stat status_of(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    throw DataError(path.string(),
                    "cannot be read: " + std::generic_category().message(errno) + ".");
  return status;
}

ExaminedFile examine(const fs::path& path) {
  const auto bytes = read_file(path);
  Sha256 hash;
  hash.update(bytes);
  try {
    return {hash.digest(), pictures::read_header(bytes)};
  } catch (const DataError&) {
    throw;
  } catch (const Error& error) {
    throw DataError(path.string(), error.what());
  }
}

}  // namespace

std::vector<ExaminedFile> examine(const std::vector<ImageFile>& files, const fs::path& index,
                                  std::chrono::nanoseconds grain) {
  const auto known = read_index(index);
  mark_used(index);
  std::vector<ExaminedFile> found(files.size());
  std::vector<std::optional<Entry>> entries(files.size());
  std::vector<std::size_t> unknown;
  std::vector<struct stat> statuses;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto status = status_of(files[i].path);
    const auto entry = known.find(files[i].path.native());
    if (entry != known.end() && entry->second.is_of(status)) {
      entries[i] = entry->second;
      found[i] = examined(entry->second);
    } else {
      unknown.push_back(i);
      statuses.push_back(status);
    }
  }
  const std::chrono::nanoseconds now = std::chrono::system_clock::now().time_since_epoch();
  const auto settled = (now - grain).count();
  for_each_file("reading images", unknown.size(), unknown.size(), [&](std::size_t k) {
    const auto i = unknown[k];
    found[i] = examine(files[i].path);
    const auto entry = entry_of(found[i], statuses[k]);
    if (entry.changed < settled) entries[i] = entry;
  });
  if (!unknown.empty()) write_index(index, files, entries);
  return found;
}

}  // namespace varia::datasets
