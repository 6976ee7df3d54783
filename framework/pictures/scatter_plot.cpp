#include "pictures/scatter_plot.hpp"

#include <gdfontl.h>
#include <gdfonts.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "pictures/gd_image.hpp"
#include "varia/error.hpp"

namespace varia::pictures {

namespace {

constexpr int kWidth = kPlotWidth;
constexpr int kHeight = kPlotHeight;
constexpr int kTop = 44;
constexpr int kBottom = 28;
constexpr int kLeft = 60;
constexpr int kRight = 14;
constexpr int kLegend = 62;  // width of its column
constexpr int kFiner = 3;    // dots are drawn so many times larger, then made small: smooth edges
constexpr std::size_t kEntries = 20;  // of the legend

// The ten colours that matplotlib calls tab10 (Tableau).
constexpr std::array<Colour, 10> kTen = {{{31, 119, 180},
                                          {255, 127, 14},
                                          {44, 160, 44},
                                          {214, 39, 40},
                                          {148, 103, 189},
                                          {140, 86, 75},
                                          {227, 119, 194},
                                          {127, 127, 127},
                                          {188, 189, 34},
                                          {23, 190, 207}}};

/// Colours around the circle of hues: those of many labels.
Colour hue(double turn) {
  const auto channel = [&](double shift) {
    const double distance = std::abs(std::remainder(turn - shift, 1.0));  // 0 to 1/2
    return static_cast<std::uint8_t>(
        std::lround(40 + 180 * std::clamp(2 - 6 * distance, 0.0, 1.0)));
  };
  return {channel(0), channel(1.0 / 3), channel(2.0 / 3)};
}

Colour colour_of(std::int64_t label, const std::vector<std::int64_t>& labels) {
  if (label < 0 || labels.empty()) return kTen[0];
  const auto ten = static_cast<std::int64_t>(kTen.size());
  if (labels.back() < ten && label < ten) return kTen[static_cast<std::size_t>(label)];
  const auto place = std::lower_bound(labels.begin(), labels.end(), label) - labels.begin();
  return hue(static_cast<double>(place) / static_cast<double>(labels.size()));
}

/// As much of a label as the legend has room for.
std::string legend_text(std::int64_t label) {
  auto text = std::to_string(label);
  return text.size() > 8 ? text.substr(0, 6) + ".." : text;
}

bool is_finite(const std::vector<float>& xy, std::size_t i) {
  return std::isfinite(xy[2 * i]) && std::isfinite(xy[2 * i + 1]);
}

void check_sizes(const std::vector<float>& xy, const std::vector<std::int64_t>& labels) {
  if (xy.size() == 2 * labels.size()) return;
  throw Error("a scatter plot has " + std::to_string(xy.size()) + " coordinates and " +
              std::to_string(labels.size()) + " labels; expected two coordinates for each label");
}

/// A plot under construction: the rectangle between the axes, and what is drawn around it.
class Plot {
 public:
  Plot(const ScatterScale& scale, bool legend)
      : scale_(scale),
        right_(kWidth - kRight - (legend ? kLegend : 0)),
        x_(axis(scale.lowest_x(), scale.highest_x())),
        y_(axis(scale.lowest_y(), scale.highest_y())),
        image_(gd_true_colour_image(kHeight, kWidth)) {
    black_ = colour({0, 0, 0});
    grey_ = colour({225, 225, 225});
    gdImageFilledRectangle(image_.get(), 0, 0, kWidth, kHeight, colour({255, 255, 255}));
  }

  void draw_points(const std::vector<float>& xy, const std::vector<std::int64_t>& labels) {
    draw_grid();
    const int width = right_ - kLeft;
    const int height = kHeight - kBottom - kTop;
    // On a copy of the ground, so that smooth edges blend with the lines of the grid.
    const auto fine =
        gd_true_colour_image(std::int64_t{height} * kFiner, std::int64_t{width} * kFiner);
    gdImageCopyResized(fine.get(), image_.get(), 0, 0, kLeft, kTop, width * kFiner, height * kFiner,
                       width, height);
    const double diameter = labels.size() > 5000 ? 2.5 : labels.size() > 500 ? 4 : 6;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (!is_finite(xy, i)) continue;
      const int x = static_cast<int>(std::lround(x_.place(xy[2 * i]) * width * kFiner));
      const int y = static_cast<int>(std::lround((1 - y_.place(xy[2 * i + 1])) * height * kFiner));
      const int size = static_cast<int>(diameter * kFiner);
      gdImageFilledEllipse(fine.get(), x, y, size, size,
                           colour(colour_of(labels[i], scale_.labels())));
    }
    gdImageCopyResampled(image_.get(), fine.get(), kLeft, kTop, 0, 0, width, height, width * kFiner,
                         height * kFiner);
    gdImageRectangle(image_.get(), kLeft, kTop, right_, kHeight - kBottom, black_);
  }

  void draw_legend() {
    int y = kTop + 6;
    const auto& labels = scale_.labels();
    for (std::size_t i = 0; i < labels.size(); ++i, y += 16) {
      const int x = right_ + 12;
      if (i == kEntries) {
        write(gdFontGetSmall(), x - 4, y, std::to_string(labels.size() - i) + " more");
        return;
      }
      gdImageFilledRectangle(image_.get(), x, y + 2, x + 9, y + 11,
                             colour(colour_of(labels[i], labels)));
      write(gdFontGetSmall(), x + 15, y, legend_text(labels[i]));
    }
  }

  void draw_text(const std::string& title, const std::string& subtitle) {
    auto* large = gdFontGetLarge();
    auto* small = gdFontGetSmall();
    const auto letters = [](const gdFont& font) {
      return static_cast<std::size_t>((kWidth - kLeft - kRight) / font.w);
    };
    write(large, kLeft, 6, plain_text(title, letters(*large)));
    write(small, kLeft, 25, plain_text(subtitle, letters(*small)));
    if (scale_.empty()) write(large, kLeft + 20, kTop + 20, "no points");
  }

  Image image() const { return from_gd(*image_); }

 private:
  static Axis axis(double lowest, double highest) {
    return lowest > highest ? make_axis(0, 1, 8) : make_axis(lowest, highest, 8);
  }

  static int colour(const Colour& colour) {
    return gdTrueColor(int{colour[0]}, int{colour[1]}, int{colour[2]});
  }

  void write(gdFont* font, int x, int y, std::string text) {
    gdImageString(image_.get(), font, x, y, reinterpret_cast<unsigned char*>(text.data()), black_);
  }

  void draw_grid() {
    auto* font = gdFontGetSmall();
    const int bottom = kHeight - kBottom;
    for (std::size_t i = 0; i < x_.ticks.size(); ++i) {
      const int x = kLeft + static_cast<int>(std::lround(x_.place(x_.ticks[i]) * (right_ - kLeft)));
      gdImageLine(image_.get(), x, kTop, x, bottom, grey_);
      gdImageLine(image_.get(), x, bottom, x, bottom + 4, black_);
      const int length = static_cast<int>(x_.labels[i].size()) * font->w;
      write(font, std::min(x - length / 2, kWidth - length), bottom + 7, x_.labels[i]);
    }
    for (std::size_t i = 0; i < y_.ticks.size(); ++i) {
      const int y = bottom - static_cast<int>(std::lround(y_.place(y_.ticks[i]) * (bottom - kTop)));
      gdImageLine(image_.get(), kLeft, y, right_, y, grey_);
      gdImageLine(image_.get(), kLeft - 4, y, kLeft, y, black_);
      const int length = static_cast<int>(y_.labels[i].size()) * font->w;
      write(font, kLeft - 7 - length, y - font->h / 2, y_.labels[i]);
    }
  }

  const ScatterScale& scale_;
  int right_;  // of the rectangle
  Axis x_;
  Axis y_;
  GdImage image_;
  int black_ = 0;
  int grey_ = 0;
};

}  // namespace

std::string plain_text(const std::string& text, std::size_t longest) {
  std::string plain;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) == 0x80U) continue;  // within a character of UTF-8
    if (plain.size() == longest) break;
    plain += byte >= 0x20 && byte < 0x7F ? c : '?';
  }
  return plain;
}

void ScatterScale::add(const std::vector<float>& xy, const std::vector<std::int64_t>& labels) {
  check_sizes(xy, labels);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] >= 0) labels_.push_back(labels[i]);
    if (!is_finite(xy, i)) continue;
    const double x = xy[2 * i];
    const double y = xy[2 * i + 1];
    const bool first = empty();
    lowest_x_ = first ? x : std::min(lowest_x_, x);
    highest_x_ = first ? x : std::max(highest_x_, x);
    lowest_y_ = first ? y : std::min(lowest_y_, y);
    highest_y_ = first ? y : std::max(highest_y_, y);
  }
  std::sort(labels_.begin(), labels_.end());
  labels_.erase(std::unique(labels_.begin(), labels_.end()), labels_.end());
}

Image scatter_plot(const std::vector<float>& xy, const std::vector<std::int64_t>& labels,
                   const ScatterScale& scale, const std::string& title,
                   const std::string& subtitle) {
  check_sizes(xy, labels);
  Plot plot(scale, !scale.labels().empty());
  plot.draw_points(xy, labels);
  plot.draw_legend();
  plot.draw_text(title, subtitle);
  return plot.image();
}

}  // namespace varia::pictures
