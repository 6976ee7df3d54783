#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// Pictures as plain values, and as files of the usual formats. Free of LibTorch.
namespace varia::pictures {

/// Pixels: [height, width] of grey, or [height, width, 3] of red, green and blue; row-major.
struct Image {
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t channels = 1;  ///< 1 or 3
  std::vector<std::uint8_t> pixels;

  bool operator==(const Image&) const = default;
};

/// The largest picture: what GIF can hold, and 64 million pixels.
inline constexpr std::int64_t kMaxSide = 65535;
inline constexpr std::int64_t kMaxPixels = std::int64_t{1} << 26;

/// Why no picture has that size, as the end of a message: "expected sides of 1 to 65535 ..."; empty
/// if height and width are 1 to kMaxSide, and their product at most kMaxPixels.
std::string size_fault(std::int64_t height, std::int64_t width);

/// @throws Error if there is such a fault
void check_size(std::int64_t height, std::int64_t width);

/// @throws Error if the size is wrong, channels is not 1 or 3, or the pixels are too few or many
void check(const Image& image);

/// Every pixel becomes a square of `factor` by `factor` pixels.
/// @param factor at least 1
/// @throws Error as `check_size` does, of the enlarged picture
Image enlarge(const Image& image, std::int64_t factor);

/// The same picture with three channels.
Image to_colour(const Image& image);

/// Copies `source` onto `target` with its top left corner at (top, left). It must fit, and both
/// must have the same channels.
void paste(const Image& source, Image& target, std::int64_t top, std::int64_t left);

}  // namespace varia::pictures
