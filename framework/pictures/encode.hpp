#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "pictures/image.hpp"

namespace varia::pictures {

/// The bytes of a PNG file with exactly these pixels: with a table of its colours if there are at
/// most 256 of them, else with 24 bits a pixel. Equal pictures give equal bytes.
/// @throws Error if it is not a picture (`check`)
std::string encode_png(const Image& image);

/// The bytes of an animated GIF that starts again at its end, for ever.
///
/// Pixels are exact if all frames together have at most 256 colours, as grey ones always have; else
/// GD chooses 256 colours for each frame, among them the most frequent one as it is, without
/// dithering, which would flicker.
/// @param count           of frames, at least 1
/// @param frame           makes the frame of a number from 0; called twice for each, so that one
///                        frame alone is in memory
/// @param frames_per_second  the file has hundredths of a second for each frame, from 2 on (viewers
///                        slow down what is faster) to 65535
/// @throws Error if a frame is not a picture, or has another size than the first
std::string encode_gif(std::size_t count, const std::function<Image(std::size_t)>& frame,
                       double frames_per_second);

}  // namespace varia::pictures
