#include "pictures/labels.hpp"

#include <fmt/format.h>
#include <gdfonts.h>
#include <gdfontt.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "pictures/gd_image.hpp"
#include "pictures/plot_axis.hpp"
#include "pictures/scatter_plot.hpp"

namespace varia::pictures {

namespace {

constexpr std::size_t kLongest = 60;  // characters of a label
constexpr std::size_t kFewest = 4;    // of a label on a tile
constexpr std::int64_t kGap = 4;      // between a picture and its labels; also the length of a tick
constexpr std::int64_t kBar = 14;     // width of a bar of colours
constexpr std::int64_t kPixelsPerTick = 50;

std::int64_t letter() { return gdFontGetSmall()->w; }
std::int64_t line() { return gdFontGetSmall()->h; }

std::int64_t width_of(const std::string& text) {
  return letter() * static_cast<std::int64_t>(shortened(text, kLongest).size());
}

std::int64_t widest(const std::vector<std::string>& texts) {
  std::int64_t width = 0;
  for (const auto& text : texts) width = std::max(width, width_of(text));
  return width;
}

Axis ticks_of(const PlotAxis& axis, std::int64_t pixels) {
  return exact_axis(axis.from, axis.to,
                    static_cast<int>(std::max<std::int64_t>(pixels / kPixelsPerTick, 2)));
}

/// The edges that have room beside a bar of so many pixels: every one, every second, ...
std::vector<std::pair<std::size_t, std::string>> shown_edges(const ColourBar& bar,
                                                             std::int64_t pixels) {
  const auto bands = bar.colours.size();
  const auto most = static_cast<std::size_t>(std::max<std::int64_t>(pixels / line(), 2));
  const auto step = std::max<std::size_t>((bands + most - 1) / most, 1);
  std::vector<std::pair<std::size_t, std::string>> edges;
  for (std::size_t i = 0; i <= bands; i += step)
    edges.emplace_back(i, fmt::format("{:.4g}", bar.edges[i]));
  return edges;
}

/// What is drawn around a picture, whose upper left corner is at (margins.left, margins.top).
class Surroundings {
 public:
  Surroundings(const PictureLabels& labels, std::int64_t height, std::int64_t width)
      : labels_(labels),
        height_(height),
        width_(width),
        margins_(label_margins(labels, height, width)),
        image_(gd_true_colour_image(margins_.top + height + margins_.bottom,
                                    margins_.left + width + margins_.right)) {
    gdImageFilledRectangle(image_.get(), 0, 0, gdImageSX(image_.get()), gdImageSY(image_.get()),
                           gdTrueColor(255, 255, 255));
    draw_rows();
    draw_columns();
    if (labels.x || labels.y)
      gdImageRectangle(image_.get(), pixel(margins_.left - 1), pixel(margins_.top - 1),
                       pixel(margins_.left + width), pixel(margins_.top + height), kBlack);
    if (labels.x) draw_x(*labels.x);
    if (labels.y) draw_y(*labels.y);
    if (labels.colours) draw_colours(*labels.colours);
  }

  Image around(const Image& picture) const {
    auto drawn = from_gd(*image_);
    if (picture.channels == 1 && !labels_.colours) {
      for (std::size_t i = 0; 3 * i < drawn.pixels.size(); ++i)
        drawn.pixels[i] = drawn.pixels[3 * i];
      drawn.pixels.resize(drawn.pixels.size() / 3);
      drawn.channels = 1;
      paste(picture, drawn, margins_.top, margins_.left);
    } else {
      paste(to_colour(picture), drawn, margins_.top, margins_.left);
    }
    const auto rows = std::ssize(labels_.tiles);
    for (std::int64_t row = 0; row < rows; ++row) {
      const auto& names = labels_.tiles[static_cast<std::size_t>(row)];
      const auto columns = std::ssize(names);
      for (std::int64_t column = 0; column < columns; ++column)
        write_on_tile(names[static_cast<std::size_t>(column)], drawn,
                      margins_.top + row * height_ / rows, height_ / rows,
                      margins_.left + column * width_ / columns, width_ / columns);
    }
    return drawn;
  }

 private:
  static constexpr int kBlack = 0;

  static int pixel(std::int64_t place) { return static_cast<int>(place); }
  static int pixel(double place) { return static_cast<int>(std::lround(place)); }

  void write(const std::string& text, std::int64_t x, std::int64_t y) {
    auto plain = shortened(text, kLongest);
    gdImageString(image_.get(), gdFontGetSmall(), pixel(x), pixel(y),
                  reinterpret_cast<unsigned char*>(plain.data()), kBlack);
  }

  /// From below upwards, its middle at the middle of the picture.
  void write_up(const std::string& text, std::int64_t x) {
    auto plain = shortened(text, kLongest);
    gdImageStringUp(image_.get(), gdFontGetSmall(), pixel(x),
                    pixel(margins_.top + (height_ + width_of(text)) / 2),
                    reinterpret_cast<unsigned char*>(plain.data()), kBlack);
  }

  /// Black, in the upper left corner of a tile: in small letters, in tiny ones if the text is too
  /// long for those, cut if it is too long for these, not at all if the tile is too small.
  static void write_on_tile(const std::string& text, Image& drawn, std::int64_t top,
                            std::int64_t height, std::int64_t left, std::int64_t width) {
    const auto letters = [&](const gdFont& font) {
      return static_cast<std::size_t>(std::max<std::int64_t>((width - 2 * kGap) / font.w, 0));
    };
    auto plain = plain_text(text, kLongest);
    auto* font = plain.size() <= letters(*gdFontGetSmall()) ? gdFontGetSmall() : gdFontGetTiny();
    plain = shortened(text, std::min(letters(*font), kLongest));
    if (plain.empty() || height < std::int64_t{2} * font->h || letters(*font) < kFewest) return;
    const auto wide = std::ssize(plain) * font->w;
    const auto band = gd_palette_image(font->h, wide);
    gdImageColorAllocate(band.get(), 255, 255, 255);
    gdImageString(band.get(), font, 0, 0, reinterpret_cast<unsigned char*>(plain.data()),
                  gdImageColorAllocate(band.get(), 0, 0, 0));
    const auto letters_drawn = from_gd(*band);
    for (std::int64_t y = 0; y < font->h; ++y)
      for (std::int64_t x = 0; x < wide; ++x) {
        if (letters_drawn.pixels[static_cast<std::size_t>(3 * (y * wide + x))] != 0) continue;
        const auto place = ((top + kGap / 2 + y) * drawn.width + left + kGap + x) * drawn.channels;
        std::fill_n(drawn.pixels.begin() + place, drawn.channels, std::uint8_t{0});
      }
  }

  void draw_rows() {
    const auto count = static_cast<double>(labels_.rows.size());
    for (std::size_t i = 0; i < labels_.rows.size(); ++i) {
      const auto middle = (static_cast<double>(i) + 0.5) / count * static_cast<double>(height_);
      write(labels_.rows[i], margins_.left - kGap - width_of(labels_.rows[i]),
            margins_.top + std::llround(middle) - line() / 2);
    }
  }

  void draw_columns() {
    const auto count = static_cast<double>(labels_.columns.size());
    std::int64_t free = 0;  // where the label before ends
    for (std::size_t i = 0; i < labels_.columns.size(); ++i) {
      const auto length = width_of(labels_.columns[i]);
      const auto middle = (static_cast<double>(i) + 0.5) / count * static_cast<double>(width_);
      // The first may reach over the names of the rows, and not over the next column.
      const auto end = margins_.left + std::llround(static_cast<double>(width_) / count) - kGap;
      const auto wanted =
          i == 0 ? std::min(margins_.left + std::llround(middle) - length / 2, end - length)
                 : margins_.left + std::llround(middle) - length / 2;
      const auto left = std::clamp<std::int64_t>(
          wanted, 0, std::max<std::int64_t>(gdImageSX(image_.get()) - length, 0));
      if (left < free) continue;
      write(labels_.columns[i], left, margins_.top - line() - 1);
      free = left + length + letter() / 2;
    }
  }

  void draw_x(const PlotAxis& axis) {
    const auto ticks = ticks_of(axis, width_);
    const auto bottom = margins_.top + height_;
    for (std::size_t i = 0; i < ticks.ticks.size(); ++i) {
      const auto x = static_cast<double>(margins_.left) +
                     ticks.place(ticks.ticks[i]) * static_cast<double>(width_ - 1);
      gdImageLine(image_.get(), pixel(x), pixel(bottom), pixel(x), pixel(bottom + kGap), kBlack);
      const auto length = width_of(ticks.labels[i]);
      write(ticks.labels[i],
            std::clamp<std::int64_t>(std::llround(x) - length / 2, 0,
                                     gdImageSX(image_.get()) - length),
            bottom + kGap + 1);
    }
    write(axis.name, margins_.left + std::max<std::int64_t>((width_ - width_of(axis.name)) / 2, 0),
          bottom + kGap + 1 + line());
  }

  void draw_y(const PlotAxis& axis) {
    const auto ticks = ticks_of(axis, height_);
    for (std::size_t i = 0; i < ticks.ticks.size(); ++i) {
      const auto y = static_cast<double>(margins_.top) +
                     (1 - ticks.place(ticks.ticks[i])) * static_cast<double>(height_ - 1);
      gdImageLine(image_.get(), pixel(margins_.left - kGap), pixel(y), pixel(margins_.left),
                  pixel(y), kBlack);
      write(ticks.labels[i], margins_.left - 2 * kGap - width_of(ticks.labels[i]),
            std::max<std::int64_t>(std::llround(y) - line() / 2, 0));
    }
    write_up(axis.name, 1);
  }

  void draw_colours(const ColourBar& bar) {
    const auto left = margins_.left + width_ + 2 * kGap;
    const auto bands = static_cast<double>(bar.colours.size());
    const auto height = [&](std::size_t edge) {  // of an edge: the lowest value is below
      return static_cast<double>(margins_.top) +
             (1 - static_cast<double>(edge) / bands) * static_cast<double>(height_ - 1);
    };
    for (std::size_t i = 0; i < bar.colours.size(); ++i) {
      const auto& [red, green, blue] = bar.colours[i];
      gdImageFilledRectangle(image_.get(), pixel(left), pixel(height(i + 1)), pixel(left + kBar),
                             pixel(height(i)), gdTrueColor(int{red}, int{green}, int{blue}));
    }
    gdImageRectangle(image_.get(), pixel(left), pixel(height(bar.colours.size())),
                     pixel(left + kBar), pixel(height(0)), kBlack);
    for (const auto& [edge, text] : shown_edges(bar, height_)) {
      gdImageLine(image_.get(), pixel(left + kBar), pixel(height(edge)), pixel(left + kBar + kGap),
                  pixel(height(edge)), kBlack);
      write(text, left + kBar + 2 * kGap,
            std::max<std::int64_t>(std::llround(height(edge)) - line() / 2, 0));
    }
    write_up(bar.name, gdImageSX(image_.get()) - line() - 1);
  }

  const PictureLabels& labels_;
  std::int64_t height_;
  std::int64_t width_;
  Margins margins_;
  GdImage image_;
};

}  // namespace

Margins label_margins(const PictureLabels& labels, std::int64_t height, std::int64_t width) {
  Margins margins;
  const auto at_least = [](std::int64_t& margin, std::int64_t room) {
    margin = std::max(margin, room);
  };
  if (!labels.rows.empty()) at_least(margins.left, widest(labels.rows) + 2 * kGap);
  if (!labels.columns.empty()) at_least(margins.top, line() + 2);
  if (labels.x || labels.y || labels.colours) {
    // Half a label of a tick at the edge.
    at_least(margins.top, line() / 2 + 1);
    at_least(margins.bottom, line() / 2 + 1);
    at_least(margins.right, 2 * kGap);
  }
  if (labels.x) {
    const auto ticks = ticks_of(*labels.x, width).labels;
    if (!ticks.empty()) at_least(margins.right, width_of(ticks.back()) / 2 + 1);
    at_least(margins.bottom, kGap + 2 * line() + 2);
  }
  if (labels.y)
    at_least(margins.left, line() + 3 * kGap + widest(ticks_of(*labels.y, height).labels));
  if (labels.colours) {
    std::int64_t text = 0;
    for (const auto& edge : shown_edges(*labels.colours, height))
      text = std::max(text, width_of(edge.second));
    margins.right = 2 * kGap + kBar + 2 * kGap + text + kGap + line() + 2;
  }
  return margins;
}

Image with_labels(Image image, const PictureLabels& labels) {
  if (labels.empty()) return image;
  return Surroundings(labels, image.height, image.width).around(image);
}

}  // namespace varia::pictures
