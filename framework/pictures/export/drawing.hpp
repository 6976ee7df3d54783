#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "pictures/image.hpp"
#include "pictures/scatter_plot.hpp"
#include "pictures/titled_frames.hpp"
#include "results/records.hpp"

namespace varia::pictures {

/// Frames of one size, ready to be encoded.
struct Drawing {
  std::size_t count = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::function<pictures::Image(std::size_t)> frame;  ///< of a number below count
};

/// Pictures under their titles.
/// @param frames  one for each picture
/// @param scale   every pixel becomes a square of so many pixels
/// @param picture gives the pixels of a number
/// @throws Error where they would be too large
Drawing titled_pictures(std::vector<pictures::FrameSize> frames, std::int64_t scale,
                        std::function<results::Picture(std::size_t)> picture);

/// Scatter plots that share their axes and colours.
/// @param texts one for each plot
Drawing scatter_plots(std::vector<results::Points> plots, std::vector<pictures::ScatterText> texts);

/// Lays drawings below each other, in the order given. One with fewer frames than others stays at
/// its last. @throws Error where that would be too large, or there are none
Drawing stack(std::vector<Drawing> rows);

/// The bytes of a file: PNG where there is one frame, else GIF.
/// @param frame_rate frames per second of an animation
/// @throws Error where it would be too large
std::string encode(const Drawing& drawing, double frame_rate);

}  // namespace varia::pictures
