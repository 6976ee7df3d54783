#include "images/idx_dataset.hpp"

#include <ATen/Functions.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <functional>
#include <new>
#include <optional>

#include "varia/data_folder.hpp"
#include "varia/error.hpp"
#include "varia/error_list.hpp"
#include "varia/mapped_file.hpp"
#include "varia/sha256.hpp"

namespace varia::datasets {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kLongestSide = 1 << 16;
// Deflate packs at most 1032 bytes into one.
constexpr std::size_t kMostPerPackedByte = 1032;

/// Copies the next bytes of a file to a buffer; false if there are fewer.
using ReadBytes = std::function<bool(std::uint8_t*, std::size_t)>;

std::string type_name(std::uint8_t code) {
  switch (code) {
    case 0x09:
      return "signed bytes";
    case 0x0b:
      return "16-bit integers";
    case 0x0c:
      return "32-bit integers";
    case 0x0d:
      return "32-bit floats";
    case 0x0e:
      return "64-bit floats";
    default:
      return "values of an unknown type";
  }
}

/// Reads the header.
/// @returns the length of each axis
std::vector<std::int64_t> read_header(const std::string& path, const ReadBytes& read,
                                      std::size_t fewest, std::size_t most) {
  std::array<std::uint8_t, 4> magic{};
  if (!read(magic.data(), magic.size()) || magic[0] != 0 || magic[1] != 0) {
    throw DataError(path,
                    "is not an IDX file: it does not begin with two zero bytes, a type and a "
                    "number of axes.");
  }
  if (magic[2] != 0x08)
    throw DataError(path, "holds " + type_name(magic[2]) +
                              "; expected an IDX file of unsigned bytes (type 0x08).");
  const std::size_t axes = magic[3];
  if (axes < fewest || axes > most) {
    const auto expected = most == 1
                              ? std::string("labels have 1 axis, [N]")
                              : std::string("images have 3 axes, [N, H, W], or 4, [N, C, H, W]");
    throw DataError(path, expected + ", this IDX file has " + std::to_string(axes) + ".");
  }
  std::vector<std::int64_t> sizes;
  for (std::size_t i = 0; i < axes; ++i) {
    std::array<std::uint8_t, 4> bytes{};
    if (!read(bytes.data(), bytes.size())) throw DataError(path, "is cut short in its header.");
    sizes.push_back((std::int64_t{bytes[0]} << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3]);
    if (sizes.back() == 0 || (i > 0 && sizes.back() > kLongestSide))
      throw DataError(path, "its header gives axis " + std::to_string(i) + " the length " +
                                std::to_string(sizes.back()) + ".");
  }
  return sizes;
}

/// The product; nullopt if it is above `most`.
std::optional<std::size_t> bounded_product(const std::vector<std::int64_t>& sizes,
                                           std::size_t most) {
  std::size_t product = 1;
  for (const auto size : sizes) {
    if (product > most / static_cast<std::size_t>(size)) return {};
    product *= static_cast<std::size_t>(size);
  }
  return product;
}

Tensor read_plain(const std::shared_ptr<const MappedFile>& file, std::size_t fewest,
                  std::size_t most) {
  const auto path = file->path().string();
  std::size_t offset = 0;
  const auto read = [&](std::uint8_t* out, std::size_t bytes) {
    if (file->size() - offset < bytes) return false;
    std::copy_n(file->data() + offset, bytes, out);
    offset += bytes;
    return true;
  };
  const auto sizes = read_header(path, read, fewest, most);
  const auto found = file->size() - offset;
  if (bounded_product(sizes, found) != found) {
    throw DataError(path, "its header says " + c10::str(at::IntArrayRef(sizes)) + " bytes, but " +
                              std::to_string(found) + " follow it. " +
                              (bounded_product(sizes, found) ? "Is it another file?"
                                                             : "Is the file cut short?"));
  }
  return mapped_tensor(file, offset, sizes);
}

bool is_gzip(const MappedFile& file) {
  return file.size() > 2 && file.data()[0] == 0x1f && file.data()[1] == 0x8b;
}

/// Unpacks a gzip file of one or more members. Not by gzread, which ignores what follows them.
class Unpacker {
 public:
  explicit Unpacker(const MappedFile& file) : file_(file) {
    if (::inflateInit2(&stream_, MAX_WBITS + 16) != Z_OK) throw std::bad_alloc();
  }
  ~Unpacker() { ::inflateEnd(&stream_); }
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;

  /// Unpacks the next bytes.
  /// @returns how many: fewer than `bytes` at the end of the file
  /// @throws DataError if the file is damaged or truncated
  std::size_t read(std::uint8_t* out, std::size_t bytes) {
    constexpr std::size_t kMost = 1 << 30;  // zlib counts in 32 bits
    const auto path = file_.path().string();
    for (std::size_t done = 0;;) {
      stream_.next_in = const_cast<std::uint8_t*>(file_.data() + taken_);
      stream_.avail_in = static_cast<unsigned>(std::min(kMost, file_.size() - taken_));
      if (done == bytes || (between_members_ && stream_.avail_in == 0)) return done;
      stream_.next_out = out + done;
      stream_.avail_out = static_cast<unsigned>(std::min(kMost, bytes - done));
      const int code = ::inflate(&stream_, Z_NO_FLUSH);
      require_whole(file_.data());
      taken_ = static_cast<std::size_t>(stream_.next_in - file_.data());
      done = static_cast<std::size_t>(stream_.next_out - out);
      between_members_ = code == Z_STREAM_END;
      if (between_members_) ::inflateReset(&stream_);
      if (code == Z_BUF_ERROR && taken_ == file_.size()) throw DataError(path, "is cut short.");
      if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
        throw DataError(path, std::string("is not an intact gzip file: ") +
                                  (stream_.msg ? stream_.msg : "it needs a dictionary") + ".");
      }
    }
  }

 private:
  const MappedFile& file_;
  z_stream stream_{};
  std::size_t taken_ = 0;
  bool between_members_ = false;
};

/// Unpacks step by step, so that it never uses more memory than the header asks for.
Tensor read_packed(const MappedFile& file, std::size_t fewest, std::size_t most) {
  const auto path = file.path().string();
  Unpacker unpacker(file);
  const auto read = [&](std::uint8_t* out, std::size_t bytes) {
    return unpacker.read(out, bytes) == bytes;
  };
  const auto sizes = read_header(path, read, fewest, most);
  const auto header = "its header says " + c10::str(at::IntArrayRef(sizes)) + " bytes, ";
  const auto bytes = bounded_product(sizes, file.size() * kMostPerPackedByte);
  if (!bytes) {
    throw DataError(path, header + "more than a gzip file of " + std::to_string(file.size()) +
                              " bytes can hold.");
  }
  if (*bytes > static_cast<std::size_t>(memory_for_data())) {
    throw DataError(path, header +
                              "more than half of this machine's memory. Unpack the file: an "
                              "unpacked one is not loaded whole.");
  }
  const auto values = at::empty(sizes, at::kByte);
  const auto found = unpacker.read(values.data_ptr<std::uint8_t>(), *bytes);
  std::uint8_t more = 0;
  if (found < *bytes || unpacker.read(&more, 1) != 0) {
    throw DataError(path, header + "but " +
                              (found < *bytes ? "only " + std::to_string(found) : "more") +
                              " follow it.");
  }
  return values;
}

Tensor read_idx(const std::filesystem::path& path, std::size_t fewest, std::size_t most) {
  const auto file = std::make_shared<const MappedFile>(path);
  return is_gzip(*file) ? read_packed(*file, fewest, most) : read_plain(file, fewest, most);
}

}  // namespace

Tensor read_idx_images(const std::filesystem::path& path) {
  const auto images = read_idx(path, 3, 4);
  return images.dim() == 3 ? images.unsqueeze(1) : images;
}

Tensor read_idx_labels(const std::filesystem::path& path) {
  const auto bytes = read_idx(path, 1, 1);
  auto labels = bytes.to(at::kLong);
  require_whole(bytes.data_ptr());
  return labels;
}

std::shared_ptr<const Samples> load_idx_part(const fs::path& images, const fs::path& labels,
                                             const std::vector<std::string>& class_names) {
  const auto pixels = read_idx_images(images);
  Tensor classes;
  if (!labels.empty()) {
    classes = read_idx_labels(labels);
    if (classes.size(0) != pixels.size(0)) {
      throw DataError(labels.string(), "has " + std::to_string(classes.size(0)) +
                                           " labels for the " + std::to_string(pixels.size(0)) +
                                           " images of " + images.string() + ".");
    }
  }
  return std::make_shared<MemorySamples>(
      pixels, Annotations{.labels = classes, .class_names = class_names});
}

void IdxParams::check() const {
  ErrorList errors;
  errors.collect([&] { DatasetParams::check(); });
  errors.collect([&] {
    if (!images.has_value()) fail(images, "expected the path of an IDX file, found nothing.");
  });
  errors.collect([&] {
    if (test_labels.has_value() && !test_images.has_value())
      fail(test_labels, "there are no test images that these could belong to: give 'test_images'.");
  });
  errors.raise();
}

std::shared_ptr<const Samples> IdxDataset::load(std::string_view split) {
  const bool train = split == "train";
  const auto& images = train ? params_.images : params_.test_images;
  const auto& labels = train ? params_.labels : params_.test_labels;
  if (!images.has_value()) return nullptr;
  const auto path = existing_input_path(images);
  auto samples = load_idx_part(path, labels.has_value() ? existing_input_path(labels) : fs::path());
  if (train) event_ = samples->event();
  if (!event_.empty() && samples->event() != event_) {
    throw DataError(path.string(),
                    "its images are of " + c10::str(at::IntArrayRef(samples->event())) +
                        " [C, H, W], and those of " + existing_input_path(params_.images).string() +
                        " of " + c10::str(at::IntArrayRef(event_)) +
                        ". Training and test images have one size.");
  }
  return samples;
}

std::string IdxDataset::digest() {
  std::vector<fs::path> files;
  std::string roles;
  for (const auto* file :
       {&params_.images, &params_.labels, &params_.test_images, &params_.test_labels}) {
    roles += file->has_value() ? '1' : '0';
    if (file->has_value()) files.push_back(existing_input_path(*file));
  }
  Sha256 hash;
  hash.update(roles + digest_of_files(files));
  return hash.digest();
}

namespace {
const std::vector<std::string> kFiles = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                         "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};
}  // namespace

std::shared_ptr<const Samples> MnistLikeDataset::load(std::string_view split) {
  const auto folder = require_data(name_, kFiles);
  const std::size_t first = split == "train" ? 0 : 2;
  const auto images = folder / kFiles[first];
  auto samples = load_idx_part(images, folder / kFiles[first + 1], class_names_);
  const std::int64_t count = split == "train" ? 60'000 : 10'000;
  if (samples->size() != count || samples->event() != std::vector<std::int64_t>{1, 28, 28} ||
      samples->annotations().labels.max().item<std::int64_t>() > 9) {
    throw DataError(images.string(), "is not the file of " + name_ + ": expected " +
                                         std::to_string(count) +
                                         " images of 28x28 with labels 0 to 9. Remove the folder, "
                                         "and it is fetched again.");
  }
  return samples;
}

std::string MnistLikeDataset::digest() {
  const auto folder = require_data(name_, kFiles);
  std::vector<fs::path> files;
  for (const auto& file : kFiles) files.push_back(folder / file);
  auto digest = digest_of_files(files);
  if (digest != published_) {
    throw DataError(folder.string(), "is not data set " + name_ +
                                         " as it was published: a file has changed. Remove the "
                                         "folder, and it is fetched again; for images of your own "
                                         "there is the data set idx.");
  }
  return digest;
}

}  // namespace varia::datasets
