#include "arrays/zip_archive.hpp"

#include <zip.h>

#include <algorithm>

#include "varia/error.hpp"

namespace varia::datasets {

namespace {

// Deflate packs at most 1032 bytes into one.
constexpr std::size_t kMostPerPackedByte = 1032;

/// What libzip says of an error; it frees the error.
std::string take_reason(zip_error_t& error) {
  const std::string reason = zip_error_strerror(&error);
  zip_error_fini(&error);
  return reason;
}

/// An entry, open for reading from its beginning.
class Entry {
 public:
  Entry(zip_t* archive, const std::string& name) : file_(zip_fopen(archive, name.c_str(), 0)) {}
  ~Entry() {
    if (file_ != nullptr) zip_fclose(file_);
  }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  bool is_open() const { return file_ != nullptr; }
  /// @returns how many bytes were read, 0 at the end; -1 if there was an error
  zip_int64_t read(std::uint8_t* out, std::size_t bytes) { return zip_fread(file_, out, bytes); }
  std::string reason() const { return zip_file_strerror(file_); }

 private:
  zip_file_t* file_;
};

}  // namespace

bool is_zip(std::string_view begin) { return begin.starts_with("PK"); }

ZipArchive::ZipArchive(std::shared_ptr<const MappedFile> file) : file_(std::move(file)) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* const source =
      zip_source_buffer_create(file_->data(), file_->size(), /*freep=*/0, &error);
  if (source != nullptr) archive_ = zip_open_from_source(source, ZIP_RDONLY, &error);
  if (archive_ != nullptr) return;
  if (source != nullptr) zip_source_free(source);
  const auto reason = take_reason(error);
  require_whole(file_->data());
  throw DataError(file_->path().string(), "cannot be opened as a .npz file, a zip archive: " +
                                              reason + ". Is the file cut short?");
}

ZipArchive::~ZipArchive() { zip_discard(archive_); }

void ZipArchive::fail(const std::string& entry, const std::string& what) const {
  require_whole(file_->data());
  throw DataError(file_->path().string() + ": " + entry, what);
}

std::vector<std::string> ZipArchive::names() const {
  std::vector<std::string> names;
  const auto count = zip_get_num_entries(archive_, 0);
  for (zip_int64_t i = 0; i < count; ++i)
    if (const char* const name = zip_get_name(archive_, static_cast<zip_uint64_t>(i), 0))
      names.emplace_back(name);
  std::ranges::sort(names);
  return names;
}

bool ZipArchive::has(const std::string& name) const {
  return zip_name_locate(archive_, name.c_str(), 0) >= 0;
}

std::size_t ZipArchive::size(const std::string& name) const {
  zip_stat_t found;
  constexpr zip_uint64_t kNeeded =
      ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  if (zip_stat(archive_, name.c_str(), 0, &found) != 0 || (found.valid & kNeeded) != kNeeded)
    fail(name, "cannot be read: " + std::string(zip_strerror(archive_)) + ".");
  if (found.encryption_method != ZIP_EM_NONE)
    fail(name, "is encrypted. Save it without a password.");
  if (found.comp_method != ZIP_CM_STORE && found.comp_method != ZIP_CM_DEFLATE) {
    fail(name, "is packed by the method " + std::to_string(found.comp_method) +
                   "; expected a file that numpy.savez or numpy.savez_compressed wrote.");
  }
  if (found.comp_size > file_->size() || found.size / kMostPerPackedByte > found.comp_size) {
    fail(name, "claims to have " + std::to_string(found.size) + " bytes, more than " +
                   std::to_string(found.comp_size) + " in a file of " +
                   std::to_string(file_->size()) + " can hold.");
  }
  return found.size;
}

void ZipArchive::read(const std::string& name, std::uint8_t* out, std::size_t bytes) const {
  Entry entry(archive_, name);
  if (!entry.is_open()) fail(name, "cannot be read: " + std::string(zip_strerror(archive_)) + ".");
  const bool is_all = bytes == size(name);
  for (std::size_t done = 0; done < bytes;) {
    const auto count = entry.read(out + done, bytes - done);
    if (count < 0) fail(name, "is damaged: " + entry.reason() + ".");
    if (count == 0) fail(name, "is cut short.");
    done += static_cast<std::size_t>(count);
  }
  if (!is_all) return;
  // The checksum is compared at the end, which is found by reading on.
  std::uint8_t more = 0;
  const auto count = entry.read(&more, 1);
  if (count < 0) fail(name, "is damaged: " + entry.reason() + ".");
  if (count > 0) fail(name, "is longer than the archive says.");
}

}  // namespace varia::datasets
