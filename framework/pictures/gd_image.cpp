#include "pictures/gd_image.hpp"

#include "varia/error.hpp"

namespace varia::pictures {

namespace {

/// GD prints its errors to stderr; those that matter are seen by what it returns.
void be_silent(int, const char*, va_list) {}

GdImage make(gdImage* (*create)(int width, int height), std::int64_t height, std::int64_t width) {
  check_size(height, width);
  gdSetErrorMethod(be_silent);
  if (auto* image = create(static_cast<int>(width), static_cast<int>(height)))
    return {image, gdImageDestroy};
  throw Error("no memory for a picture of " + std::to_string(width) + " by " +
              std::to_string(height) + " pixels");
}

std::uint32_t key(const Colour& colour) {
  return std::uint32_t{colour[0]} << 16U | std::uint32_t{colour[1]} << 8U | colour[2];
}

Colour colour_at(const Image& image, std::size_t pixel) {
  if (image.channels == 1) return {image.pixels[pixel], image.pixels[pixel], image.pixels[pixel]};
  return {image.pixels[3 * pixel], image.pixels[3 * pixel + 1], image.pixels[3 * pixel + 2]};
}

std::size_t pixel_count(const Image& image) {
  return static_cast<std::size_t>(image.height * image.width);
}

}  // namespace

void Palette::add(const Colour& colour) {
  if (places_.contains(key(colour))) return;
  if (colours_.size() == kLargest) {
    complete_ = false;
    return;
  }
  places_[key(colour)] = static_cast<std::uint8_t>(colours_.size());
  colours_.push_back(colour);
}

void Palette::add(const Image& image) {
  const auto count = pixel_count(image);
  // Neighbours often have the same colour, and the search for it takes most of the time.
  for (std::size_t pixel = 0; pixel < count && complete_; ++pixel) {
    const auto colour = colour_at(image, pixel);
    if (pixel == 0 || colour != colour_at(image, pixel - 1)) add(colour);
  }
}

std::vector<std::uint8_t> Palette::indices(const Image& image) const {
  std::vector<std::uint8_t> places(pixel_count(image));
  for (std::size_t pixel = 0; pixel < places.size(); ++pixel) {
    const auto colour = colour_at(image, pixel);
    places[pixel] = pixel > 0 && colour == colour_at(image, pixel - 1) ? places[pixel - 1]
                                                                       : places_.at(key(colour));
  }
  return places;
}

GdImage gd_palette_image(std::int64_t height, std::int64_t width) {
  return make(gdImageCreate, height, width);
}

GdImage gd_true_colour_image(std::int64_t height, std::int64_t width) {
  return make(gdImageCreateTrueColor, height, width);
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
  result.pixels.resize(static_cast<std::size_t>(result.height * result.width * 3));
  auto* pixel = result.pixels.data();
  for (int y = 0; y < result.height; ++y) {
    for (int x = 0; x < result.width; ++x, pixel += 3) {
      const int colour = gdImageGetTrueColorPixel(&image, x, y);
      pixel[0] = static_cast<std::uint8_t>(gdTrueColorGetRed(colour));
      pixel[1] = static_cast<std::uint8_t>(gdTrueColorGetGreen(colour));
      pixel[2] = static_cast<std::uint8_t>(gdTrueColorGetBlue(colour));
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
