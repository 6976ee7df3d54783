#pragma once

#include <gd.h>

#include <memory>
#include <string>

#include "pictures/image.hpp"
#include "pictures/palette.hpp"

/// GD's pictures, closed by their owner. Private to framework/pictures.
namespace varia::pictures {

struct GdDestroy {
  void operator()(gdImage* image) const { gdImageDestroy(image); }
};
using GdImage = std::unique_ptr<gdImage, GdDestroy>;

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

/// Appends what a function of GD wrote, which is freed. @throws Error where GD gave nothing
void append(std::string& bytes, void* written, int size);

}  // namespace varia::pictures
