#include "pictures/image.hpp"

#include <algorithm>

#include "varia/error.hpp"

namespace varia::pictures {

std::string size_fault(std::int64_t height, std::int64_t width) {
  const bool good = height >= 1 && width >= 1 && height <= kMaxSide && width <= kMaxSide &&
                    height * width <= kMaxPixels;
  if (good) return "";
  return "expected sides of 1 to " + std::to_string(kMaxSide) + " and at most " +
         std::to_string(kMaxPixels) + " pixels";
}

void check_size(std::int64_t height, std::int64_t width) {
  const auto fault = size_fault(height, width);
  if (fault.empty()) return;
  throw Error("a picture of " + std::to_string(width) + " by " + std::to_string(height) +
              " pixels cannot be made; " + fault);
}

void check(const Image& image) {
  check_size(image.height, image.width);
  const auto wanted = image.height * image.width * image.channels;
  if ((image.channels == 1 || image.channels == 3) &&
      image.pixels.size() == static_cast<std::size_t>(wanted))
    return;
  throw Error("a picture of " + std::to_string(image.width) + " by " +
              std::to_string(image.height) + " pixels has " + std::to_string(image.channels) +
              " channels and " + std::to_string(image.pixels.size()) +
              " values; expected 1 or 3 channels, one value for each channel of a pixel");
}

Image enlarge(const Image& image, std::int64_t factor) {
  check(image);
  // The sides are bounded, so a factor that is not cannot overflow.
  factor = std::clamp<std::int64_t>(factor, 1, kMaxSide + 1);
  if (factor == 1) return image;
  check_size(image.height * factor, image.width * factor);
  Image large{image.height * factor, image.width * factor, image.channels, {}};
  large.pixels.reserve(static_cast<std::size_t>(large.height * large.width * large.channels));
  const auto row_size = image.width * image.channels;
  std::vector<std::uint8_t> row;
  for (std::int64_t y = 0; y < image.height; ++y) {
    row.clear();
    const auto* pixel = image.pixels.data() + y * row_size;
    for (std::int64_t x = 0; x < image.width; ++x, pixel += image.channels)
      for (std::int64_t copy = 0; copy < factor; ++copy)
        row.insert(row.end(), pixel, pixel + image.channels);
    for (std::int64_t copy = 0; copy < factor; ++copy)
      large.pixels.insert(large.pixels.end(), row.begin(), row.end());
  }
  return large;
}

Image to_colour(const Image& image) {
  if (image.channels == 3) return image;
  Image colour{image.height, image.width, 3, {}};
  colour.pixels.reserve(image.pixels.size() * 3);
  for (const auto grey : image.pixels) colour.pixels.insert(colour.pixels.end(), 3, grey);
  return colour;
}

void paste(const Image& source, Image& target, std::int64_t top, std::int64_t left) {
  const auto row_size = source.width * source.channels;
  for (std::int64_t y = 0; y < source.height; ++y)
    std::copy_n(source.pixels.begin() + y * row_size, row_size,
                target.pixels.begin() + ((top + y) * target.width + left) * target.channels);
}

}  // namespace varia::pictures
