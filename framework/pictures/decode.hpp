#pragma once

#include <cstdint>
#include <string_view>

#include "pictures/image.hpp"
#include "pictures/image_header.hpp"

namespace varia::pictures {

/// Decodes image files: PNG, JPEG, WebP and BMP. Numbers of 16 bits lose their lower 8, colours
/// keep the values that they have in the file if they are transparent, and neither a colour profile
/// nor an orientation (EXIF) is applied. What GD would print is in the message of the error.
class Decoder {
 public:
  /// GD has one way of reporting errors for the whole process: make the decoder before the threads
  /// that use it.
  Decoder();

  /// May be called from several threads.
  /// @param bytes    of the whole file, for which read_header gave `header`
  /// @param channels 1: luma (ITU-R BT.601; a grey pixel keeps its value), or 3
  /// @throws Error whose message continues "<file> ": it is damaged, if only in parts, or cut short
  Image decode(std::string_view bytes, const ImageHeader& header, std::int64_t channels) const;
};

}  // namespace varia::pictures
