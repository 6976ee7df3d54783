#include "pictures/png.hpp"

#include "pictures/gd_image.hpp"
#include "pictures/palette.hpp"

namespace varia::pictures {

std::string encode_png(const Image& image) {
  check(image);
  Palette palette;
  palette.add(image);
  const auto gd = palette.complete() ? to_gd(image, palette) : to_gd(image);
  std::string bytes;
  int size = 0;
  void* written = gdImagePngPtr(gd.get(), &size);
  append(bytes, written, size);
  return bytes;
}

}  // namespace varia::pictures
