#pragma once

#include <gd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "pictures/image.hpp"

/// GD's pictures and their colours. Private to framework/pictures.
namespace varia::pictures {

using Colour = std::array<std::uint8_t, 3>;  ///< red, green, blue

/// The colours of some pictures, for formats with a table of at most 256. Grey pictures alone never
/// have more.
class Palette {
 public:
  static constexpr std::size_t kLargest = 256;

  /// Adds the colours of a picture, until there are too many.
  void add(const Image& image);

  /// Whether the table has every colour of the pictures added.
  bool complete() const { return complete_; }
  const std::vector<Colour>& colours() const { return colours_; }
  /// For each pixel the place of its colour. The picture must have been added.
  std::vector<std::uint8_t> indices(const Image& image) const;

 private:
  void add(const Colour& colour);

  std::vector<Colour> colours_;
  std::unordered_map<std::uint32_t, std::uint8_t> places_;
  bool complete_ = true;
};

/// A picture of GD, freed by its owner.
using GdImage = std::unique_ptr<gdImage, decltype(&gdImageDestroy)>;

/// A black picture with a table of colours, empty so far. @throws Error
GdImage gd_palette_image(std::int64_t height, std::int64_t width);
/// A black picture with 24 bits a pixel. @throws Error
GdImage gd_true_colour_image(std::int64_t height, std::int64_t width);

/// The picture with its colours by their places in a palette that has them all.
GdImage to_gd(const Image& image, const Palette& palette);
/// The picture with 24 bits a pixel.
GdImage to_gd(const Image& image);
/// What a picture of either kind shows, with three channels.
Image from_gd(gdImage& image);

/// Appends what a function of GD wrote, and frees it. @throws Error if GD gave nothing
void append(std::string& bytes, void* written, int size);

}  // namespace varia::pictures
