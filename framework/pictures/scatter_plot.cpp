#include "pictures/scatter_plot.hpp"

#include <gdfontl.h>
#include <gdfonts.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "pictures/gd_image.hpp"
#include "varia/error.hpp"

namespace varia::pictures {

namespace {

constexpr int kWidth = kPlotWidth;
constexpr int kHeight = kPlotHeight;
constexpr int kTop = 44;
constexpr int kBottom = 28;
constexpr int kLeft = 60;
constexpr int kName = 16;  // more at the bottom or the left if the axis has a name
constexpr int kRight = 14;
constexpr int kLegend = 62;       // width of its column
constexpr int kMostLegend = 180;  // if classes have names
constexpr int kFiner = 3;  // dots are drawn so many times larger, then made small: smooth edges
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

constexpr int kLegendSwatch = 27;  // left of its text

/// "3 dog", or the label alone if its class has no name.
std::string legend_text(std::int64_t label, const results::ClassNames& classes) {
  const auto found = classes.find(label);
  return std::to_string(label) + (found == classes.end() ? "" : " " + found->second);
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
  Plot(const ScatterScale& scale, const std::array<std::string, 2>& axes)
      : scale_(scale),
        names_(axes),
        legend_(legend_texts(scale)),
        left_(kLeft + (axes[1].empty() ? 0 : kName)),
        right_(kWidth - kRight - legend_width(legend_)),
        bottom_(kHeight - kBottom - (axes[0].empty() ? 0 : kName)),
        x_(axis(scale.lowest_x(), scale.highest_x())),
        y_(axis(scale.lowest_y(), scale.highest_y())),
        image_(gd_true_colour_image(kHeight, kWidth)) {
    black_ = colour({0, 0, 0});
    grey_ = colour({225, 225, 225});
    gdImageFilledRectangle(image_.get(), 0, 0, kWidth, kHeight, colour({255, 255, 255}));
  }

  void draw_points(const std::vector<float>& xy, const std::vector<std::int64_t>& labels) {
    draw_grid();
    const int width = right_ - left_;
    const int height = bottom_ - kTop;
    // On a copy of the ground, so that smooth edges blend with the lines of the grid.
    const auto fine =
        gd_true_colour_image(std::int64_t{height} * kFiner, std::int64_t{width} * kFiner);
    gdImageCopyResized(fine.get(), image_.get(), 0, 0, left_, kTop, width * kFiner, height * kFiner,
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
    gdImageCopyResampled(image_.get(), fine.get(), left_, kTop, 0, 0, width, height, width * kFiner,
                         height * kFiner);
    gdImageRectangle(image_.get(), left_, kTop, right_, bottom_, black_);
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
      write(gdFontGetSmall(), x + 15, y, legend_[i]);
    }
  }

  void draw_text(const std::string& title, const std::string& subtitle) {
    auto* large = gdFontGetLarge();
    auto* small = gdFontGetSmall();
    const auto letters = [](const gdFont& font) {
      return static_cast<std::size_t>((kWidth - kLeft - kRight) / font.w);
    };
    write(large, kLeft, 6, shortened(title, letters(*large)));
    write(small, kLeft, 25, shortened(subtitle, letters(*small)));
    if (scale_.empty()) write(large, left_ + 20, kTop + 20, "no points");
  }

  /// The names of the axes, each in the middle of its axis.
  void draw_names() {
    auto* font = gdFontGetSmall();
    const auto fitting = [&](const std::string& name, int pixels) {
      return shortened(name, static_cast<std::size_t>(pixels / font->w));
    };
    const auto across = fitting(names_[0], right_ - left_);
    write(font, (left_ + right_ - static_cast<int>(across.size()) * font->w) / 2,
          kHeight - kName - 2, across);
    auto up = fitting(names_[1], bottom_ - kTop);
    gdImageStringUp(image_.get(), font, 2,
                    (kTop + bottom_ + static_cast<int>(up.size()) * font->w) / 2,
                    reinterpret_cast<unsigned char*>(up.data()), black_);
  }

  Image image() const { return from_gd(*image_); }

 private:
  static std::vector<std::string> legend_texts(const ScatterScale& scale) {
    const auto letters =
        static_cast<std::size_t>((kMostLegend - kLegendSwatch) / gdFontGetSmall()->w);
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < std::min(scale.labels().size(), kEntries); ++i)
      texts.push_back(shortened(legend_text(scale.labels()[i], scale.classes()), letters));
    return texts;
  }

  static int legend_width(const std::vector<std::string>& texts) {
    std::size_t letters = 0;
    for (const auto& text : texts) letters = std::max(letters, text.size());
    const int width = kLegendSwatch + static_cast<int>(letters) * gdFontGetSmall()->w;
    return texts.empty() ? 0 : std::max(kLegend, width);
  }

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
    for (std::size_t i = 0; i < x_.ticks.size(); ++i) {
      const int x = left_ + static_cast<int>(std::lround(x_.place(x_.ticks[i]) * (right_ - left_)));
      gdImageLine(image_.get(), x, kTop, x, bottom_, grey_);
      gdImageLine(image_.get(), x, bottom_, x, bottom_ + 4, black_);
      const int length = static_cast<int>(x_.labels[i].size()) * font->w;
      write(font, std::min(x - length / 2, kWidth - length), bottom_ + 7, x_.labels[i]);
    }
    for (std::size_t i = 0; i < y_.ticks.size(); ++i) {
      const int y =
          bottom_ - static_cast<int>(std::lround(y_.place(y_.ticks[i]) * (bottom_ - kTop)));
      gdImageLine(image_.get(), left_, y, right_, y, grey_);
      gdImageLine(image_.get(), left_ - 4, y, left_, y, black_);
      const int length = static_cast<int>(y_.labels[i].size()) * font->w;
      write(font, left_ - 7 - length, y - font->h / 2, y_.labels[i]);
    }
  }

  const ScatterScale& scale_;
  const std::array<std::string, 2>& names_;  // of the axes
  std::vector<std::string> legend_;
  // The rectangle.
  int left_;
  int right_;
  int bottom_;
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

std::string shortened(const std::string& text, std::size_t longest) {
  constexpr std::string_view kMore = "...";
  auto plain = plain_text(text, longest + 1);
  if (plain.size() <= longest) return plain;
  plain.resize(longest - std::min(longest, kMore.size()));
  return plain.append(kMore.substr(0, longest));
}

void ScatterScale::add(const results::Points& plot) {
  const auto& [epoch, xy, labels, classes, axes] = plot;
  check_sizes(xy, labels);
  classes_.insert(classes.begin(), classes.end());
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

Image scatter_plot(const results::Points& plot, const ScatterScale& scale, const std::string& title,
                   const std::string& subtitle) {
  check_sizes(plot.xy, plot.labels);
  Plot drawing(scale, plot.axes);
  drawing.draw_points(plot.xy, plot.labels);
  drawing.draw_legend();
  drawing.draw_text(title, subtitle);
  drawing.draw_names();
  return drawing.image();
}

}  // namespace varia::pictures
