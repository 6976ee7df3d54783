#include "pictures/palette.hpp"

namespace varia::pictures {

namespace {

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
  if (places_.count(key(colour)) > 0) return;
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

}  // namespace varia::pictures
