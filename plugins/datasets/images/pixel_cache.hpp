#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "varia/tensor.hpp"

/// Decoded images in a file: a header with their shape and checksums, then bytes [N, C, H, W].
namespace varia::datasets {

using PixelShape = std::array<std::int64_t, 4>;  ///< N, C, H, W; their product fits int64

/// Maps the images of a file. The checksum of the pixels is compared, too, which reads them all,
/// unless they are larger than `memory_for_data`.
/// @returns `shape` uint8; nullopt if the file does not exist, is damaged or has another shape
std::optional<Tensor> open_pixels(const std::filesystem::path& path, const PixelShape& shape);

/// Writes such a file, which appears at its path whole or not at all. Several processes may write
/// one path; each has a file of its own until it is published.
class PixelWriter {
 public:
  /// Creates the folder if it is not there.
  /// @throws DataError if the file cannot be made, or the disk has less space than it takes
  PixelWriter(std::filesystem::path path, const PixelShape& shape);
  ~PixelWriter();
  PixelWriter(const PixelWriter&) = delete;
  PixelWriter& operator=(const PixelWriter&) = delete;

  /// Writes one image. May be called from several threads.
  /// @param pixels [C, H, W]
  /// @throws DataError
  void write(std::int64_t image, const std::uint8_t* pixels);
  /// Publishes the file, after all images were written. @throws DataError
  void publish();

 private:
  void put(const void* data, std::int64_t size, std::int64_t place) const;
  [[noreturn]] void fail(int error) const;

  std::filesystem::path path_;
  std::string temporary_;  // empty once it is published
  PixelShape shape_;
  std::int64_t image_bytes_;
  int file_ = -1;
};

/// Images that are decoded once: those of the file `images/<key>.pixels` in data_folder(). Whoever
/// writes one removes those that were not used lately (remove_unused_caches).
/// @param key  64 hexadecimal digits, of all that the pixels follow from
/// @param fill writes every image, if the file is not there or damaged
/// @returns    `shape` uint8, mapped
/// @throws DataError
Tensor cached_pixels(const std::string& key, const PixelShape& shape,
                     const std::function<void(PixelWriter&)>& fill);

}  // namespace varia::datasets
