#include "pictures/scatter_plot.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include "support/catch.hpp"
#include "unit/pictures/picture_fixtures.hpp"
#include "varia/error.hpp"

namespace varia::pictures {

using Catch::Approx;

namespace {

Image plot(const results::Points& points) {
  ScatterScale scale;
  scale.add(points);
  return scatter_plot(points, scale, "title", "subtitle");
}

Image plot(const std::vector<float>& xy, const std::vector<std::int64_t>& labels) {
  return plot({.xy = xy, .labels = labels});
}

/// The mean place of the pixels of one colour left of the legend, in parts of the picture, and how
/// many there are.
struct Spot {
  double x = 0;
  double y = 0;
  int pixels = 0;
};

Spot spot(const Image& image, std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  Spot found;
  for (std::int64_t y = 0; y < image.height; ++y) {
    for (std::int64_t x = 0; x < 560; ++x) {
      const auto* pixel = image.pixels.data() + 3 * (y * image.width + x);
      if (pixel[0] != red || pixel[1] != green || pixel[2] != blue) continue;
      found.x += static_cast<double>(x);
      found.y += static_cast<double>(y);
      ++found.pixels;
    }
  }
  if (found.pixels > 0) {
    found.x /= found.pixels;
    found.y /= found.pixels;
  }
  return found;
}

}  // namespace

TEST_CASE("points stand where their coordinates say, in the colours of their labels") {
  // Blue for label 0 at the lower left, orange for 1 at the upper right, green for 2 in the middle.
  const auto image = plot({0, 0, 10, 10, 5, 5}, {0, 1, 2});
  CHECK(image.width == kPlotWidth);
  CHECK(image.height == kPlotHeight);
  const auto blue = spot(image, 31, 119, 180);
  const auto orange = spot(image, 255, 127, 14);
  const auto green = spot(image, 44, 160, 44);
  REQUIRE(blue.pixels > 8);
  REQUIRE(orange.pixels > 8);
  REQUIRE(green.pixels > 8);
  CHECK(blue.x < green.x);
  CHECK(green.x < orange.x);
  CHECK(blue.y > green.y);  // rows count from above
  CHECK(green.y > orange.y);
  CHECK(green.x == Approx((blue.x + orange.x) / 2).margin(1));
  CHECK(green.y == Approx((blue.y + orange.y) / 2).margin(1));
}

TEST_CASE("a label keeps its colour whatever other labels there are") {
  CHECK(spot(plot({0, 0}, {3}), 214, 39, 40).pixels > 8);
  CHECK(spot(plot({0, 0, 1, 1}, {3, 9}), 214, 39, 40).pixels > 8);
}

TEST_CASE("points without labels have no legend") {
  const auto image = plot({0, 0, 1, 1}, {-1, -1});
  CHECK(spot(image, 31, 119, 180).pixels > 16);
  for (std::int64_t y = 60; y < 400; ++y) {
    const auto* pixel = image.pixels.data() + 3 * (y * image.width + image.width - 5);
    REQUIRE((pixel[0] == 255 && pixel[1] == 255 && pixel[2] == 255));
  }
}

TEST_CASE("axes have their names beside them, and classes theirs in the legend") {
  results::Points points{.xy = {0, 0, 1, 1}, .labels = {1, 12}};
  const auto black = [](const Image& image, std::int64_t left, std::int64_t right, std::int64_t top,
                        std::int64_t bottom) {
    int found = 0;
    for (auto y = top; y < bottom; ++y)
      for (auto x = left; x < right; ++x)
        found += image.pixels[static_cast<std::size_t>(3 * (y * image.width + x))] == 0 ? 1 : 0;
    return found;
  };
  const auto plain = plot(points);
  points.axes = {"code, dimension 0", "t-SNE 2"};
  const auto named = plot(points);
  // The middle of the lowest and of the leftmost strip of pixels.
  const auto below = [&](const Image& image) {
    return black(image, 200, 400, kPlotHeight - 18, kPlotHeight);
  };
  CHECK(below(named) > below(plain) + 100);
  CHECK(black(plain, 0, 14, 150, 350) == 0);
  CHECK(black(named, 0, 14, 150, 350) > 30);
  points.axes = {};
  points.classes = {{1, "ankle boot"}, {12, "a"}};
  CHECK(black(plot(points), 540, 560, 50, 62) > 0);
  CHECK(black(plain, 540, 560, 50, 62) == 0);
}

TEST_CASE("plots of one scale have the same axes") {
  const results::Points narrow{.xy = {0, 0}, .labels = {0}};
  const results::Points wide{.xy = {0, 0, 100, 100}, .labels = {0, 1}};
  ScatterScale scale;
  scale.add(narrow);
  scale.add(wide);
  const auto first = spot(scatter_plot(narrow, scale, "", ""), 31, 119, 180);
  const auto second = spot(scatter_plot(wide, scale, "", ""), 31, 119, 180);
  CHECK(first.x == Approx(second.x));
  CHECK(first.y == Approx(second.y));
}

TEST_CASE("points that are not finite are left out, and no points are no error") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinite = std::numeric_limits<float>::infinity();
  CHECK(spot(plot({0, 0, nan, 1, 1, infinite}, {0, 1, 1}), 31, 119, 180).pixels > 8);
  CHECK(plot({}, {}).pixels.size() == 3U * kPlotWidth * kPlotHeight);
  CHECK(plot({nan, nan}, {1}).pixels.size() == 3U * kPlotWidth * kPlotHeight);
}

TEST_CASE("text for GD is printable ASCII and not too long") {
  CHECK(plain_text("\xce\xb2 = 4\n", 100) == "? = 4?");
  CHECK(plain_text("abcdef", 3) == "abc");
}

TEST_CASE("hostile points and labels are drawn in bounds") {
  const float huge = std::numeric_limits<float>::max();
  std::vector<float> xy = {huge, -huge, -huge, huge, 0, 0, 1e-45F, 0};
  std::vector<std::int64_t> labels = {std::numeric_limits<std::int64_t>::max(),
                                      std::numeric_limits<std::int64_t>::min(), 0, 7};
  for (int i = 0; i < 300; ++i) {
    xy.insert(xy.end(), {float(i), float(i)});
    labels.push_back(i * 1000);
  }
  CHECK(plot(xy, labels).width == kPlotWidth);
  CHECK_THROWS_AS(plot({1, 2, 3}, {1}), Error);
}

TEST_CASE("ticks are round numbers") {
  const auto axis = make_axis(-3, 3, 8);
  CHECK(axis.labels == std::vector<std::string>{"-3", "-2", "-1", "0", "1", "2", "3"});
  CHECK(axis.place(axis.from) == 0);
  CHECK(axis.place(axis.to) == 1);
  CHECK(axis.place(0) == Approx(0.5));
  CHECK(make_axis(-100, 50, 6).labels == std::vector<std::string>{"-100", "-50", "0", "50"});
  CHECK(make_axis(0, 1, 8).labels ==
        std::vector<std::string>{"0", "0.2", "0.4", "0.6", "0.8", "1"});
}

TEST_CASE("an axis has ticks that can be told apart, whatever it spans") {
  for (const auto& [lowest, highest] : std::vector<std::pair<double, double>>{{0, 0},
                                                                              {5, 5},
                                                                              {-1e-30, 1e-30},
                                                                              {-3e38, 3e38},
                                                                              {1e6, 1e6 + 0.5},
                                                                              {99.95, 100.05},
                                                                              {-7, -7},
                                                                              {3e38, 3e38},
                                                                              {0.1, 1234.5},
                                                                              {1, 1 + 1e-7}}) {
    const auto axis = make_axis(lowest, highest, 8);
    CAPTURE(lowest, highest);
    CHECK(axis.from < axis.to);
    CHECK(axis.from <= lowest);
    CHECK(axis.to >= highest);
    CHECK(axis.ticks.size() >= 2);
    CHECK(axis.ticks.size() <= 8);
    CHECK(std::set<std::string>(axis.labels.begin(), axis.labels.end()).size() ==
          axis.ticks.size());
    for (std::size_t i = 0; i < axis.ticks.size(); ++i) {
      CHECK(axis.place(axis.ticks[i]) >= 0);
      CHECK(axis.place(axis.ticks[i]) <= 1);
      CHECK(std::stod(axis.labels[i]) ==
            Approx(axis.ticks[i]).margin(1e-12 * (axis.to - axis.from)));
    }
  }
}

}  // namespace varia::pictures
