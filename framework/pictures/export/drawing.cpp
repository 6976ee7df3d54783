#include "pictures/export/drawing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "pictures/gif.hpp"
#include "pictures/png.hpp"
#include "varia/error.hpp"

namespace varia::pictures {

namespace {

// Of a whole animation: some minutes of work.
constexpr std::int64_t kMostPixels = std::int64_t{1} << 31;

}  // namespace

Drawing titled_pictures(std::vector<pictures::FrameSize> frames, std::int64_t scale,
                        std::function<results::Picture(std::size_t)> picture) {
  const pictures::TitledFrames layout(frames, scale);
  return {frames.size(), layout.height(), layout.width(),
          [frames = std::move(frames), layout, picture = std::move(picture)](std::size_t number) {
            auto pixels = picture(number);
            return layout.compose(
                {pixels.height, pixels.width, pixels.channels, std::move(pixels.pixels)},
                frames.at(number).title);
          }};
}

Drawing scatter_plots(std::vector<results::Points> plots,
                      std::vector<pictures::ScatterText> texts) {
  pictures::ScatterScale scale;
  for (const auto& plot : plots) scale.add(plot.xy, plot.labels);
  const auto count = plots.size();
  return {count, pictures::kPlotHeight, pictures::kPlotWidth,
          [plots = std::move(plots), texts = std::move(texts), scale](std::size_t number) {
            const auto& plot = plots.at(number);
            return pictures::scatter_plot(plot.xy, plot.labels, scale, texts.at(number));
          }};
}

Drawing stack(std::vector<Drawing> rows) {
  Drawing sheet;
  for (const auto& row : rows) {
    sheet.count = std::max(sheet.count, row.count);
    sheet.height += row.height;
    sheet.width = std::max(sheet.width, row.width);
  }
  pictures::check_size(sheet.height, sheet.width);
  sheet.frame = [rows = std::move(rows), height = sheet.height,
                 width = sheet.width](std::size_t i) {
    pictures::Image canvas{height, width, 0, {}};
    std::int64_t top = 0;
    for (const auto& row : rows) {
      const auto image = row.frame(std::min(i, row.count - 1));
      if (top == 0) {  // all rows are of one view, and so are alike
        canvas.channels = image.channels;
        canvas.pixels.resize(static_cast<std::size_t>(height * width * canvas.channels));
      }
      pictures::paste(image, canvas, top, 0);
      top += row.height;
    }
    return canvas;
  };
  return sheet;
}

std::string encode(const Drawing& drawing, double frame_rate) {
  if (drawing.count == 1) return pictures::encode_png(drawing.frame(0));
  const auto frames = static_cast<std::int64_t>(drawing.count);
  if (frames > kMostPixels / (drawing.height * drawing.width))
    throw Error(
        fmt::format("an animation of {} frames of {} by {} pixels is too large; expected at most "
                    "{} pixels in all, so make the scale smaller",
                    frames, drawing.width, drawing.height, kMostPixels));
  return pictures::encode_gif(drawing.count, drawing.frame, frame_rate);
}

}  // namespace varia::pictures
