#pragma once

#include <gd.h>

#include <cstdint>
#include <string>

#include "pictures/image.hpp"

namespace varia::pictures {

/// Every value there is, in a picture of 16 by 16 pixels, and more where it is larger.
inline Image ramp(std::int64_t height, std::int64_t width, std::int64_t channels = 1) {
  Image image{height, width, channels, {}};
  for (std::int64_t i = 0; i < height * width * channels; ++i)
    image.pixels.push_back(static_cast<std::uint8_t>(i % 256));
  return image;
}

/// A picture with a colour of its own for every pixel.
inline Image many_colours(std::int64_t height, std::int64_t width) {
  Image image{height, width, 3, {}};
  for (std::int64_t i = 0; i < height * width; ++i)
    for (const auto shift : {0, 5, 10})
      image.pixels.push_back(static_cast<std::uint8_t>(((i >> shift) & 31) * 8));
  return image;
}

/// What GD reads from the bytes of a PNG file, with three channels.
inline Image decode_png(const std::string& bytes) {
  std::string copy = bytes;
  gdImage* gd = gdImageCreateFromPngPtr(static_cast<int>(copy.size()), copy.data());
  if (gd == nullptr) return {};
  Image image{gdImageSY(gd), gdImageSX(gd), 3, {}};
  for (int y = 0; y < gdImageSY(gd); ++y) {
    for (int x = 0; x < gdImageSX(gd); ++x) {
      const int colour = gdImageGetTrueColorPixel(gd, x, y);
      image.pixels.push_back(static_cast<std::uint8_t>(gdTrueColorGetRed(colour)));
      image.pixels.push_back(static_cast<std::uint8_t>(gdTrueColorGetGreen(colour)));
      image.pixels.push_back(static_cast<std::uint8_t>(gdTrueColorGetBlue(colour)));
    }
  }
  gdImageDestroy(gd);
  return image;
}

}  // namespace varia::pictures
