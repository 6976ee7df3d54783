#include "pictures/frames.hpp"

#include <fmt/format.h>
#include <gdfonts.h>

#include <algorithm>
#include <utility>

#include "pictures/encode.hpp"
#include "pictures/gd_image.hpp"
#include "pictures/labels.hpp"
#include "pictures/scatter_plot.hpp"
#include "varia/error.hpp"

namespace varia::pictures {

namespace {

// Of a whole animation: some minutes of work.
constexpr std::int64_t kMostPixels = std::int64_t{1} << 31;

constexpr std::size_t kMostLines = 12;      // of a title
constexpr std::size_t kShortestLine = 24;   // a narrow picture gets margins rather than many lines
constexpr std::size_t kWidestMargins = 72;  // letters of a line that a long title widens it to
constexpr std::int64_t kMargin = 3;
constexpr std::int64_t kLongestColumn = 4;  // of a sheet

/// How many letters a line of a title has at least, so that the title has about half as many lines
/// as it may.
std::size_t shortest_line(std::size_t letters) {
  return std::min(letters, std::clamp(letters / (kMostLines / 2), kShortestLine, kWidestMargins));
}

/// Breaks a title into lines for a width in pixels: at spaces, and within words that are longer
/// than a line. The last line ends in "..." if there is no room for all.
std::vector<std::string> lines_of(const std::string& title, std::int64_t width) {
  const auto letters = static_cast<std::size_t>(
      std::max<std::int64_t>((width - 2 * kMargin) / gdFontGetSmall()->w, 1));
  auto text = plain_text(title, kMostLines * (letters + 1) + 1);
  std::vector<std::string> lines;
  while (text.size() > letters && lines.size() + 1 < kMostLines) {
    auto end = text.rfind(' ', letters);
    if (end == std::string::npos || end == 0) end = letters;
    lines.push_back(text.substr(0, end));
    text.erase(0, text[end] == ' ' ? end + 1 : end);
  }
  if (!text.empty()) lines.push_back(shortened(text, letters));
  return lines;
}

/// A title, black on white, so that grey frames stay grey.
Image title_image(const std::vector<std::string>& lines, std::int64_t height, std::int64_t width,
                  std::int64_t channels) {
  const auto band = gd_palette_image(height, width);
  gdImageColorAllocate(band.get(), 255, 255, 255);
  const int black = gdImageColorAllocate(band.get(), 0, 0, 0);
  auto* font = gdFontGetSmall();
  auto y = static_cast<int>(kMargin);
  for (auto line : lines) {
    gdImageString(band.get(), font, static_cast<int>(kMargin), y,
                  reinterpret_cast<unsigned char*>(line.data()), black);
    y += font->h;
  }
  const auto drawn = from_gd(*band);
  Image title{height, width, channels, {}};
  for (std::size_t i = 0; i < drawn.pixels.size(); i += 3)
    title.pixels.insert(title.pixels.end(), static_cast<std::size_t>(channels), drawn.pixels[i]);
  return title;
}

}  // namespace

Frames titled_pictures(std::vector<results::Picture> captions, std::int64_t scale,
                       std::function<results::Picture(std::size_t)> picture) {
  scale = std::clamp<std::int64_t>(scale, 1, kMaxSide);
  const auto* font = gdFontGetSmall();
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::size_t letters = 0;
  for (const auto& caption : captions) {
    check_size(caption.height, caption.width);
    const auto margins =
        label_margins(caption.labels, caption.height * scale, caption.width * scale);
    height = std::max(height, margins.top + caption.height * scale + margins.bottom);
    width = std::max(width, margins.left + caption.width * scale + margins.right);
    letters = std::max(letters, plain_text(caption.title, kMostLines * kWidestMargins).size());
  }
  std::int64_t band = 0;  // height of the room for titles
  if (letters > 0) {
    const auto shortest = static_cast<std::int64_t>(shortest_line(letters));
    width = std::max(width, shortest * font->w + 2 * kMargin);
    std::size_t rows = 0;
    for (const auto& caption : captions)
      rows = std::max(rows, lines_of(caption.title, width).size());
    band = static_cast<std::int64_t>(rows) * font->h + 2 * kMargin;
  }
  check_size(band + height, width);

  Frames frames{.count = captions.size(), .height = band + height, .width = width, .frame = {}};
  frames.frame = [captions = std::move(captions), picture = std::move(picture), scale, band, height,
                  width](std::size_t number) {
    auto source = picture(number);
    const auto large = with_labels(
        enlarge({source.height, source.width, source.channels, std::move(source.pixels)}, scale),
        source.labels);
    if (large.height > height || large.width > width)
      throw Error("a frame is larger than its caption says");
    Image frame{band + height, width, large.channels, {}};
    frame.pixels.assign(static_cast<std::size_t>(frame.height * frame.width * frame.channels), 0);
    paste(large, frame, band, (width - large.width) / 2);
    if (band > 0)
      paste(title_image(lines_of(captions.at(number).title, width), band, width, frame.channels),
            frame, 0, 0);
    return frame;
  };
  return frames;
}

Frames scatter_plots(std::vector<results::Points> plots, std::string title,
                     std::vector<std::string> subtitles) {
  ScatterScale scale;
  for (const auto& plot : plots) scale.add(plot);
  Frames frames{.count = plots.size(), .height = kPlotHeight, .width = kPlotWidth, .frame = {}};
  frames.frame = [plots = std::move(plots), title = std::move(title),
                  subtitles = std::move(subtitles), scale](std::size_t number) {
    return scatter_plot(plots.at(number), scale, title, subtitles.at(number));
  };
  return frames;
}

Frames sheet_of(std::vector<Frames> cells) {
  Frames sheet;
  std::int64_t height = 0;
  std::int64_t width = 0;
  for (const auto& cell : cells) {
    sheet.count = std::max(sheet.count, cell.count);
    height = std::max(height, cell.height);
    width = std::max(width, cell.width);
  }
  const auto count = static_cast<std::int64_t>(cells.size());
  const auto rows_of = [count](std::int64_t columns) { return (count + columns - 1) / columns; };
  std::int64_t columns = 1;
  if (count > kLongestColumn)
    while (rows_of(columns) * height > columns * width) ++columns;
  sheet.height = rows_of(columns) * height;
  sheet.width = columns * width;
  check_size(sheet.height, sheet.width);
  sheet.frame = [cells = std::move(cells), size = sheet.height * sheet.width,
                 whole = Image{sheet.height, sheet.width, 0, {}}, height, width,
                 columns](std::size_t i) {
    Image canvas = whole;
    std::int64_t place = 0;
    for (const auto& cell : cells) {
      const auto image = cell.frame(std::min(i, cell.count - 1));
      if (place == 0) {  // all are of one view, and so are alike
        canvas.channels = image.channels;
        canvas.pixels.assign(static_cast<std::size_t>(size * canvas.channels), 255);
      }
      paste(image, canvas, place / columns * height, place % columns * width);
      ++place;
    }
    return canvas;
  };
  return sheet;
}

std::string encode(const Frames& frames, double frames_per_second) {
  if (frames.count == 1) return encode_png(frames.frame(0));
  const auto count = static_cast<std::int64_t>(frames.count);
  if (count > kMostPixels / (frames.height * frames.width))
    throw Error(
        fmt::format("an animation of {} frames of {} by {} pixels is too large; expected at most "
                    "{} pixels in all, so make the scale smaller",
                    count, frames.width, frames.height, kMostPixels));
  return encode_gif(frames.count, frames.frame, frames_per_second);
}

}  // namespace varia::pictures
