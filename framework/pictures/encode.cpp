#include "pictures/encode.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "pictures/gd_image.hpp"
#include "varia/error.hpp"

namespace varia::pictures {

namespace {

constexpr int kForEver = 0;  // the count of repetitions, as the format has it

int delay(double frames_per_second) {
  return static_cast<int>(std::clamp(std::round(100 / frames_per_second), 2.0, 65535.0));
}

/// Makes the most frequent colour exact. The quantiser keeps five bits of a channel, and the white
/// ground of a plot would have a tint that changes from frame to frame.
void keep_ground(const Image& image, gdImage& gd) {
  std::unordered_map<int, std::size_t> counts;
  std::pair<int, std::size_t> ground{0, 0};
  std::size_t place = 0;  // of a pixel with that colour
  const auto colour = to_colour(image);
  for (std::size_t i = 0; i < colour.pixels.size(); i += 3) {
    const int key = gdTrueColor(colour.pixels[i], colour.pixels[i + 1], colour.pixels[i + 2]);
    const auto count = ++counts[key];
    if (count <= ground.second) continue;
    ground = {key, count};
    place = i / 3;
  }
  const auto width = static_cast<std::size_t>(image.width);
  const int index = gd.pixels[place / width][place % width];
  gd.red[index] = gdTrueColorGetRed(ground.first);
  gd.green[index] = gdTrueColorGetGreen(ground.first);
  gd.blue[index] = gdTrueColorGetBlue(ground.first);
}

GdImage encodable(const Image& image, const Palette& palette) {
  if (palette.complete()) return to_gd(image, palette);
  auto gd = to_gd(image);
  if (gdImageTrueColorToPalette(gd.get(), /*dither=*/0, Palette::kLargest) == 0)
    throw Error("GD could not choose the colours of a picture: no memory is left");
  keep_ground(image, *gd);
  return gd;
}

}  // namespace

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

std::string encode_gif(std::size_t count, const std::function<Image(std::size_t)>& frame,
                       double frames_per_second) {
  if (count == 0) throw Error("an animation has no frames; expected at least one");
  Palette palette;
  std::int64_t height = 0;
  std::int64_t width = 0;
  for (std::size_t number = 0; number < count; ++number) {
    const auto image = frame(number);
    check(image);
    if (number == 0) {
      height = image.height;
      width = image.width;
    }
    if (image.height != height || image.width != width)
      throw Error("frame " + std::to_string(number) + " of an animation has another size than " +
                  "the first one; expected " + std::to_string(width) + " by " +
                  std::to_string(height) + " pixels");
    palette.add(image);
  }
  const bool own_colours = !palette.complete();
  std::string bytes;
  for (std::size_t number = 0; number < count; ++number) {
    const auto gd = encodable(frame(number), palette);
    int size = 0;
    void* written = nullptr;
    if (number == 0) {
      written = gdImageGifAnimBeginPtr(gd.get(), &size, own_colours ? 0 : 1, kForEver);
      append(bytes, written, size);
    }
    written = gdImageGifAnimAddPtr(gd.get(), &size, own_colours ? 1 : 0, 0, 0,
                                   delay(frames_per_second), gdDisposalNone, nullptr);
    append(bytes, written, size);
  }
  int size = 0;
  void* written = gdImageGifAnimEndPtr(&size);
  append(bytes, written, size);
  return bytes;
}

}  // namespace varia::pictures
