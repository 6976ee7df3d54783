#include "pictures/frames.hpp"

#include <algorithm>
#include <cmath>

#include "pictures/labels.hpp"
#include "pictures/scatter_plot.hpp"
#include "support/catch.hpp"
#include "unit/pictures/picture_fixtures.hpp"
#include "varia/error.hpp"

namespace varia::pictures {

namespace {

results::Picture caption(std::int64_t height, std::int64_t width, const std::string& title) {
  return {.height = height, .width = width, .title = title};
}

/// Frames of which each has a picture and a title.
Frames titled(const std::vector<std::pair<Image, std::string>>& pictures, std::int64_t scale) {
  std::vector<results::Picture> captions;
  for (const auto& [image, title] : pictures)
    captions.push_back(caption(image.height, image.width, title));
  return titled_pictures(captions, scale, [pictures](std::size_t i) {
    const auto& image = pictures.at(i).first;
    return results::Picture{.height = image.height,
                            .width = image.width,
                            .channels = image.channels,
                            .pixels = image.pixels};
  });
}

/// A rectangle of a picture.
Image part(const Image& image, std::int64_t top, std::int64_t left, std::int64_t height,
           std::int64_t width) {
  Image cut{height, width, image.channels, {}};
  for (std::int64_t y = top; y < top + height; ++y) {
    const auto begin = image.pixels.begin() + (y * image.width + left) * image.channels;
    cut.pixels.insert(cut.pixels.end(), begin, begin + width * image.channels);
  }
  return cut;
}

/// The picture below the room for titles.
Image below_title(const Image& frame, std::int64_t height) {
  const auto row = frame.width * frame.channels;
  return {
      height, frame.width, frame.channels, {frame.pixels.end() - height * row, frame.pixels.end()}};
}

}  // namespace

TEST_CASE("without titles a frame is the picture, enlarged") {
  CHECK(titled({{ramp(6, 9), ""}}, 3).frame(0) == enlarge(ramp(6, 9), 3));
}

TEST_CASE("a title stands above the picture, black on white, and leaves it as it is") {
  const auto frame = titled({{ramp(20, 200), "Dimension 3: 0.4000"}}, 2).frame(0);
  CHECK(frame.channels == 1);
  CHECK(frame.height > 40);
  CHECK(below_title(frame, 40) == enlarge(ramp(20, 200), 2));
  const std::vector<std::uint8_t> title(frame.pixels.begin(),
                                        frame.pixels.begin() + (frame.height - 40) * frame.width);
  const auto black = std::count(title.begin(), title.end(), 0);
  CHECK(black > 100);
  CHECK(std::count(title.begin(), title.end(), 255) + black ==
        static_cast<std::ptrdiff_t>(title.size()));
}

TEST_CASE("another title gives another frame") {
  const auto frames = titled({{ramp(20, 200), "one"}, {ramp(20, 200), "two"}}, 1);
  CHECK(frames.frame(0) != frames.frame(1));
}

TEST_CASE("frames of an animation have one size") {
  const auto frames = titled({{ramp(10, 30), "a"}, {ramp(20, 10, 3), ""}}, 1);
  REQUIRE(frames.count == 2);
  for (const std::size_t i : {0, 1}) {
    CHECK(frames.frame(i).height == frames.height);
    CHECK(frames.frame(i).width == frames.width);
  }
}

TEST_CASE("a long title takes more lines, and a narrow picture gets margins") {
  const std::string title = "Dimension 3: 0.4000, start normal, all others at zero";
  const auto narrow = titled({{ramp(10, 10), title}}, 1);
  const auto wide = titled({{ramp(10, 1000), title}}, 1);
  CHECK(narrow.width > 100);
  CHECK(narrow.width < 200);
  CHECK(narrow.height > wide.height);
  CHECK_NOTHROW(narrow.frame(0));
}

TEST_CASE("a title of thirty names is drawn to its last letter") {
  std::string title = "observed across, reconstructed up: ";
  for (int i = 0; i < 30; ++i) title += "mean fractal " + std::to_string(i) + ", ";
  for (const std::int64_t width : {10, 576}) {
    const auto whole = titled({{ramp(10, width), title + "end"}}, 1);
    const auto other = titled({{ramp(10, width), title + "END"}}, 1);
    CHECK(whole.frame(0) != other.frame(0));
    CHECK(whole.height < 200);
  }
}

TEST_CASE("a text that is cut ends in dots") {
  CHECK(shortened("mean radius", 11) == "mean radius");
  CHECK(shortened("mean radius", 8) == "mean ...");
  CHECK(shortened("mean radius", 2) == "..");
  CHECK(shortened("mean radius", 0).empty());
  // A title that goes on behind what there is room for looks like one that ends in dots there.
  const auto cut = titled({{ramp(10, 10), std::string(5000, 'x')}}, 1);
  CHECK(cut.frame(0) == titled({{ramp(10, 10), std::string(9000, 'x')}}, 1).frame(0));
  CHECK(cut.frame(0) != titled({{ramp(10, 10), std::string(864, 'x')}}, 1).frame(0));
}

TEST_CASE("hostile titles are drawn in bounds") {
  for (const auto& title : {std::string(100000, 'x'), std::string("\x1b[2J\n\0\xff\xc3", 8),
                            std::string(5000, ' '), std::string("\xce\xb2 = 4")}) {
    const auto frames = titled({{ramp(4, 4), title}}, 1);
    CHECK(frames.height < 200);
    CHECK(frames.frame(0).height == frames.height);
  }
}

TEST_CASE("labels stand around a picture, black on white, and leave it as it is") {
  const auto labels = PictureLabels{.rows = {"3: 1.25 nats", "0: 0.10 nats"},
                                    .columns = {"-3", "0", "+3"},
                                    .x = {},
                                    .y = {},
                                    .colours = {}};
  const auto margins = label_margins(labels, 60, 90);
  CHECK(margins.left > 60);  // twelve letters
  CHECK(margins.top >= 13);
  CHECK(margins.right == 0);
  for (const std::int64_t channels : {1, 3}) {
    const auto whole = with_labels(ramp(60, 90, channels), labels);
    REQUIRE(whole.channels == channels);
    REQUIRE(whole.height == margins.top + 60);
    REQUIRE(whole.width == margins.left + 90);
    CHECK(part(whole, margins.top, margins.left, 60, 90) == ramp(60, 90, channels));
    const auto beside = part(whole, margins.top, 0, 60, margins.left);
    CHECK(std::ranges::count(beside.pixels, 0) > 100);
    CHECK(std::ranges::all_of(beside.pixels, [](int value) { return value == 0 || value == 255; }));
  }
  CHECK(with_labels(ramp(6, 9), {}) == ramp(6, 9));
}

TEST_CASE("a column's label that would lie on the one before it is left out") {
  const auto drawn = [](std::vector<std::string> columns) {
    PictureLabels labels;
    labels.columns = std::move(columns);
    return with_labels(ramp(10, 60), labels);
  };
  CHECK(drawn({"+1.25", "+2.50", "+3.75"}) == drawn({"+1.25", "", "+3.75"}));
  CHECK(drawn({"1", "2", "3"}) != drawn({"1", "", "3"}));
}

TEST_CASE("the name of a tile stands in its upper left corner, cut where the tile ends") {
  const Image white{80, 240, 1, std::vector<std::uint8_t>(std::size_t{80} * 240, 255)};
  const auto black = [&](std::vector<std::vector<std::string>> tiles, std::int64_t left) {
    PictureLabels labels;
    labels.tiles = std::move(tiles);
    const auto whole = with_labels(white, labels);
    REQUIRE(whole.height == 80);
    REQUIRE(whole.width == 240);
    const auto corner = part(whole, 0, left, 20, 120);
    CHECK(std::ranges::count(whole.pixels, 0) == std::ranges::count(corner.pixels, 0));
    return std::ranges::count(corner.pixels, 0);
  };
  CHECK(black({{"mean radius", ""}, {"", ""}}, 0) > 50);
  CHECK(black({{"", std::string(1000, 'x')}, {"", ""}}, 120) > 50);
  CHECK(black({{std::string(1000, 'x'), ""}, {"", ""}}, 0) > 50);
  CHECK(black({{"", ""}, {"", ""}}, 0) == 0);
  // Tiles that have no room have no names.
  CHECK(black({std::vector<std::string>(100, "a name")}, 0) == 0);
  CHECK(black(std::vector<std::vector<std::string>>(50, {"a name"}), 0) == 0);
}

TEST_CASE("a plot has axes with ticks, and a bar of the colours of its bands") {
  PictureLabels labels;
  labels.x = {-2, 4, "code, dimension 0"};
  labels.y = {0, 0.5, "density"};
  labels.colours = {"nats", {{255, 0, 0}, {0, 0, 255}}, {1.5, 2.5, 100}};
  const auto margins = label_margins(labels, 200, 300);
  CHECK(margins.left > 30);
  CHECK(margins.bottom > 26);
  CHECK(margins.right > 40);
  const auto whole = with_labels(ramp(200, 300), labels);
  REQUIRE(whole.channels == 3);
  CHECK(part(whole, margins.top, margins.left, 200, 300) == to_colour(ramp(200, 300)));
  const auto count = [&](std::int64_t top, std::vector<std::uint8_t> colour) {
    const auto half = part(whole, top, margins.left + 300, 98, margins.right);
    std::int64_t found = 0;
    for (std::size_t i = 0; i < half.pixels.size(); i += 3)
      found += std::equal(colour.begin(), colour.end(), &half.pixels[i]);
    return found;
  };
  // The lowest values are below.
  CHECK(count(margins.top, {0, 0, 255}) > 98 * 10);
  CHECK(count(margins.top, {255, 0, 0}) == 0);
  CHECK(count(margins.top + 102, {255, 0, 0}) > 98 * 10);
}

TEST_CASE("hostile labels are drawn in bounds") {
  PictureLabels labels;
  labels.rows = {std::string(100000, 'x'), "\xce\xb2\n"};
  labels.columns = std::vector<std::string>(3000, "a long label");
  labels.x = {-1e300, 1e300, std::string(100000, 'y')};
  labels.y = {1, std::nextafter(1.0, 2.0), ""};
  labels.colours = {"", {{1, 2, 3}}, {-1e308, 1e308}};
  labels.tiles = {std::vector<std::string>(3000, "a"), {}, {std::string(100000, 'z')}};
  for (const std::int64_t size : {1, 5, 50}) {
    const auto whole = with_labels(ramp(size, size), labels);
    CHECK(whole.width < 2000);
    CHECK(whole.height < 2000);
  }
}

TEST_CASE("a frame that is larger than its caption says is refused") {
  const auto frames = titled_pictures({caption(4, 4, "")}, 1, [](std::size_t) {
    const auto image = ramp(5, 4);
    return results::Picture{.height = 5, .width = 4, .pixels = image.pixels};
  });
  CHECK_THROWS_AS(frames.frame(0), Error);
  CHECK_THROWS_AS(titled_pictures({caption(60000, 60000, "")}, 1, {}), Error);
  CHECK_THROWS_AS(titled_pictures({caption(4, 4, "")}, std::int64_t{1} << 60, {}), Error);
}

}  // namespace varia::pictures
