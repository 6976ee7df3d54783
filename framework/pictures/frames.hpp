#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "pictures/image.hpp"
#include "results/records.hpp"

namespace varia::pictures {

/// Frames of one size, ready to be encoded: one picture, or an animation.
struct Frames {
  std::size_t count = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::function<Image(std::size_t)> frame;  ///< of a number below count
};

/// Pictures, enlarged, with their labels around them, on a black ground, with room above them for
/// the titles. Without titles there is no room.
/// @param captions size, title and labels of each picture; their pixels are not read
/// @param scale    every pixel becomes a square of so many pixels; at least 1
/// @param picture  gives the pixels of a number. A frame throws Error if it is larger than its
///                 caption says.
/// @throws Error if the frames would be too large (`check_size`)
Frames titled_pictures(std::vector<results::Picture> captions, std::int64_t scale,
                       std::function<results::Picture(std::size_t)> picture);

/// Scatter plots that share their axes and colours.
/// @param title     of all
/// @param subtitles one for each plot
Frames scatter_plots(std::vector<results::Points> plots, std::string title,
                     std::vector<std::string> subtitles);

/// Lays frames below each other, in the order given; more than four in rows from left to right, so
/// that the sheet is no higher than it is wide. Cells with fewer frames than others stay at their
/// last. @throws Error if that would be too large, or there are no cells
Frames sheet_of(std::vector<Frames> cells);

/// The bytes of a file: PNG if there is one frame, else GIF.
/// @param frames_per_second of an animation
/// @throws Error if it would be too large
std::string encode(const Frames& frames, double frames_per_second);

}  // namespace varia::pictures
