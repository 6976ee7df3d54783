#include "images/pixel_cache.hpp"

#include <fcntl.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "files/whole_file.hpp"
#include "shared/cache_files.hpp"
#include "varia/data_folder.hpp"
#include "varia/error.hpp"
#include "varia/mapped_file.hpp"
#include "varia/samples.hpp"

namespace varia::datasets {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kMagic = "varia pixels 1\n";

/// The beginning of the file; what follows it are the pixels.
struct Header {
  char magic[16] = {};
  PixelShape shape{};
  std::uint64_t pixels = 0;  ///< XXH3 of the pixels
  std::uint64_t header = 0;  ///< XXH3 of this header before it

  std::uint64_t checksum() const { return XXH3_64bits(this, offsetof(Header, header)); }
};
static_assert(sizeof(Header) == 64, "no padding, and pixels begin at a line of the cache");

/// A file that is not removed while it is mapped.
struct LockedFile {
  LockedFile(std::unique_ptr<const CacheLock> held, const fs::path& path)
      : lock(std::move(held)), file(path) {}
  std::unique_ptr<const CacheLock> lock;
  MappedFile file;
};

std::int64_t product(const PixelShape& shape) { return shape[0] * shape[1] * shape[2] * shape[3]; }

/// Of the pixels of a file, in pieces, so that they do not count as memory in use.
std::uint64_t checksum_of_pixels(const MappedFile& file) {
  XXH3_state_t state;
  XXH3_64bits_reset(&state);
  constexpr std::size_t kPiece = std::size_t{1} << 26;
  for (auto begin = sizeof(Header); begin < file.size(); begin += kPiece) {
    const auto bytes = std::min(kPiece, file.size() - begin);
    XXH3_64bits_update(&state, file.data() + begin, bytes);
    file.release(begin, bytes);
  }
  require_whole(file.data());
  return XXH3_64bits_digest(&state);
}

bool is_intact(const MappedFile& file, const PixelShape& shape) {
  Header header;
  std::memcpy(&header, file.data(), sizeof header);
  return std::string_view(header.magic, kMagic.size()) == kMagic &&
         header.header == header.checksum() && header.shape == shape &&
         (product(shape) > memory_for_data() || checksum_of_pixels(file) == header.pixels);
}

}  // namespace

std::optional<Tensor> open_pixels(const fs::path& path, const PixelShape& shape) {
  auto lock = std::make_unique<const CacheLock>(path);
  std::error_code absent;
  const auto size = sizeof(Header) + static_cast<std::uintmax_t>(product(shape));
  if (fs::file_size(path, absent) != size) return {};
  const auto in_use = std::make_shared<const LockedFile>(std::move(lock), path);
  if (!is_intact(in_use->file, shape)) return {};
  return mapped_tensor({in_use, &in_use->file}, sizeof(Header), shape);
}

PixelWriter::PixelWriter(fs::path path, const PixelShape& shape)
    : path_(std::move(path)), shape_(shape), image_bytes_(shape[1] * shape[2] * shape[3]) {
  try {
    files::create_folder_of(path_.string());
    temporary_ = files::temporary_beside(path_.string());
  } catch (const StoreError& error) {
    throw DataError("", std::string(error.what()) + ". Set VARIA_DATA to another folder.");
  }
  const auto bytes = static_cast<std::uint64_t>(product(shape)) + sizeof(Header);
  std::error_code unknown;
  const auto space = fs::space(path_.parent_path(), unknown);
  if (!unknown && space.available < bytes) {
    throw DataError(path_.parent_path().string(),
                    "has no space for the decoded images: they take " +
                        std::to_string(bytes >> 20) + " MiB, and " +
                        std::to_string(space.available >> 20) +
                        " MiB are free. Make images smaller ('size'), or set VARIA_DATA to another "
                        "folder.");
  }
  file_ = ::open(temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file_ < 0) fail(errno);
}

PixelWriter::~PixelWriter() {
  if (file_ >= 0) ::close(file_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void PixelWriter::fail(int error) const {
  throw DataError(path_.string(), "cannot be written: " + std::generic_category().message(error) +
                                      ". Set VARIA_DATA to a folder for data sets.");
}

void PixelWriter::put(const void* data, std::int64_t size, std::int64_t place) const {
  const auto* const bytes = static_cast<const std::uint8_t*>(data);
  for (std::int64_t done = 0; done < size;) {
    const auto written =
        ::pwrite(file_, bytes + done, static_cast<std::size_t>(size - done), place + done);
    if (written < 0 && errno != EINTR) fail(errno);
    if (written > 0) done += written;
  }
}

void PixelWriter::write(std::int64_t image, const std::uint8_t* pixels) {
  put(pixels, image_bytes_, static_cast<std::int64_t>(sizeof(Header)) + image * image_bytes_);
}

void PixelWriter::publish() {
  Header header{.shape = shape_};
  kMagic.copy(header.magic, sizeof header.magic);
  header.pixels = checksum_of_pixels(MappedFile(temporary_));
  header.header = header.checksum();
  put(&header, sizeof header, 0);
  if (::fsync(file_) != 0) fail(errno);
  try {
    files::publish_over(temporary_, path_.string());
  } catch (const StoreError& error) {
    throw DataError("", error.what());
  }
  temporary_.clear();
}

Tensor cached_pixels(const std::string& key, const PixelShape& shape,
                     const std::function<void(PixelWriter&)>& fill) {
  const auto path = data_folder() / "images" / (key + ".pixels");
  if (const auto pixels = open_pixels(path, shape)) return *pixels;
  PixelWriter writer(path, shape);
  fill(writer);
  writer.publish();
  remove_unused_caches(path);
  if (const auto pixels = open_pixels(path, shape)) return *pixels;
  throw DataError(path.string(), "cannot be read although it was written just now.");
}

}  // namespace varia::datasets
