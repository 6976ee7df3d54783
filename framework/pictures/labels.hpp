#pragma once

#include "pictures/image.hpp"
#include "varia/picture_labels.hpp"

namespace varia::pictures {

/// Pixels around a picture that its labels take.
struct Margins {
  std::int64_t left = 0;
  std::int64_t right = 0;
  std::int64_t top = 0;
  std::int64_t bottom = 0;
};

/// @param height, width of the picture, after it was enlarged
Margins label_margins(const PictureLabels& labels, std::int64_t height, std::int64_t width);

/// The picture with its labels around it, black on white: names of rows and columns of tiles, axes
/// with ticks, a bar of colours; on it, names of tiles. A column's label that would lie on the one
/// before it is left out.
/// @returns the picture itself if there are none; in colours if there is a bar of them
/// @throws Error as `check_size` does
Image with_labels(Image image, const PictureLabels& labels);

}  // namespace varia::pictures
