#include "idx_file.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gzip_stream.hpp"
#include "varia/error.hpp"
#include "varia/mapped_file.hpp"
#include "varia/samples.hpp"

namespace varia::datasets {
namespace {

constexpr std::int64_t kLongestSide = 1 << 16;
// Deflate packs at most 1032 bytes into one.
constexpr std::size_t kMostPerPackedByte = 1032;

/// Gives the next bytes of a file: pointer, count; false where there are fewer.
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

std::string text_of(const std::vector<std::int64_t>& sizes) {
  std::string text;
  for (const auto size : sizes) text += (text.empty() ? "" : ", ") + std::to_string(size);
  return "[" + text + "]";
}

/// Reads the header.
/// @returns the length of each axis
std::vector<std::int64_t> read_header(const std::string& path, const ReadBytes& read,
                                      std::size_t fewest, std::size_t most) {
  std::array<std::uint8_t, 4> magic{};
  if (!read(magic.data(), magic.size()) || magic[0] != 0 || magic[1] != 0) {
    throw DataError(path,
                    "is no IDX file: it does not begin with two zero bytes, a type and a "
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

/// The product, or nothing where it is above `most`.
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
    throw DataError(path, "its header says " + text_of(sizes) + " bytes, but " +
                              std::to_string(found) + " follow it. " +
                              (bounded_product(sizes, found) ? "Is it another file?"
                                                             : "Is the file cut short?"));
  }
  return mapped_tensor(file, offset, sizes);
}

Tensor read_packed(const std::shared_ptr<const MappedFile>& file, std::size_t fewest,
                   std::size_t most) {
  const auto path = file->path().string();
  GzipStream stream(file);
  const auto read = [&](std::uint8_t* out, std::size_t bytes) {
    return stream.read(out, bytes) == bytes;
  };
  const auto sizes = read_header(path, read, fewest, most);
  const auto bytes = bounded_product(sizes, file->size() * kMostPerPackedByte);
  if (!bytes) {
    throw DataError(path, "its header says " + text_of(sizes) +
                              " bytes, more than a gzip file of " + std::to_string(file->size()) +
                              " bytes can hold.");
  }
  if (*bytes > static_cast<std::size_t>(memory_for_data())) {
    throw DataError(path, "its header says " + text_of(sizes) +
                              " bytes, more than half of this machine's memory. Unpack the file: "
                              "an unpacked one is not loaded whole.");
  }
  const auto values = at::empty(sizes, torch::kUInt8);
  const auto found = stream.read(values.data_ptr<std::uint8_t>(), *bytes);
  std::uint8_t more = 0;
  if (found < *bytes || stream.read(&more, 1) != 0) {
    throw DataError(path, "its header says " + text_of(sizes) + " bytes, but " +
                              (found < *bytes ? "only " + std::to_string(found) : "more") +
                              " follow it.");
  }
  return values;
}

Tensor read_idx(const std::filesystem::path& path, std::size_t fewest, std::size_t most) {
  const auto file = std::make_shared<const MappedFile>(path);
  return is_gzip(*file) ? read_packed(file, fewest, most) : read_plain(file, fewest, most);
}

}  // namespace

Tensor read_idx_images(const std::filesystem::path& path) {
  const auto images = read_idx(path, 3, 4);
  return images.dim() == 3 ? images.unsqueeze(1) : images;
}

Tensor read_idx_labels(const std::filesystem::path& path) {
  return read_idx(path, 1, 1).to(torch::kLong);
}

}  // namespace varia::datasets
