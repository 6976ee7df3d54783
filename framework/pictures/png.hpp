#pragma once

#include <string>

#include "pictures/image.hpp"

namespace varia::pictures {

/// The bytes of a PNG file with exactly these pixels: with a table of its colours where there are
/// at most 256 of them, else with 24 bits a pixel. Equal pictures give equal bytes.
/// @throws Error where the picture is none (`check`)
std::string encode_png(const Image& image);

}  // namespace varia::pictures
