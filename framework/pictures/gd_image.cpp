#include "pictures/gd_image.hpp"

#include "varia/error.hpp"

namespace varia::pictures {

namespace {

/// GD prints its errors to stderr; those that matter are seen by what it returns.
void be_silent(int, const char*, va_list) {}

GdImage made(gdImage* image, std::int64_t height, std::int64_t width) {
  if (image != nullptr) return GdImage(image);
  throw Error("no memory for a picture of " + std::to_string(width) + " by " +
              std::to_string(height) + " pixels");
}

}  // namespace

GdImage gd_palette_image(std::int64_t height, std::int64_t width) {
  check_size(height, width);
  gdSetErrorMethod(be_silent);
  return made(gdImageCreate(static_cast<int>(width), static_cast<int>(height)), height, width);
}

GdImage gd_true_colour_image(std::int64_t height, std::int64_t width) {
  check_size(height, width);
  gdSetErrorMethod(be_silent);
  return made(gdImageCreateTrueColor(static_cast<int>(width), static_cast<int>(height)), height,
              width);
}

GdImage to_gd(const Image& image, const Palette& palette) {
  auto target = gd_palette_image(image.height, image.width);
  for (const auto& colour : palette.colours())
    gdImageColorAllocate(target.get(), colour[0], colour[1], colour[2]);
  const auto indices = palette.indices(image);
  const auto* index = indices.data();
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x) target->pixels[y][x] = *index++;
  return target;
}

GdImage to_gd(const Image& image) {
  auto target = gd_true_colour_image(image.height, image.width);
  const auto colour = to_colour(image);
  const auto* pixel = colour.pixels.data();
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x, pixel += 3)
      target->tpixels[y][x] = gdTrueColor(pixel[0], pixel[1], pixel[2]);
  return target;
}

Image from_gd(gdImage& image) {
  Image result{gdImageSY(&image), gdImageSX(&image), 3, {}};
  result.pixels.reserve(static_cast<std::size_t>(result.height * result.width * 3));
  for (int y = 0; y < result.height; ++y) {
    for (int x = 0; x < result.width; ++x) {
      const int colour = gdImageGetTrueColorPixel(&image, x, y);
      result.pixels.push_back(static_cast<std::uint8_t>(gdTrueColorGetRed(colour)));
      result.pixels.push_back(static_cast<std::uint8_t>(gdTrueColorGetGreen(colour)));
      result.pixels.push_back(static_cast<std::uint8_t>(gdTrueColorGetBlue(colour)));
    }
  }
  return result;
}

void append(std::string& bytes, void* written, int size) {
  const std::unique_ptr<void, decltype(&gdFree)> owner(written, gdFree);
  if (written == nullptr) throw Error("GD could not encode a picture: no memory is left");
  bytes.append(static_cast<const char*>(written), static_cast<std::size_t>(size));
}

}  // namespace varia::pictures
