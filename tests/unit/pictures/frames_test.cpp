#include "pictures/frames.hpp"

#include <algorithm>

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

TEST_CASE("hostile titles are drawn in bounds") {
  for (const auto& title : {std::string(100000, 'x'), std::string("\x1b[2J\n\0\xff\xc3", 8),
                            std::string(5000, ' '), std::string("\xce\xb2 = 4")}) {
    const auto frames = titled({{ramp(4, 4), title}}, 1);
    CHECK(frames.height < 200);
    CHECK(frames.frame(0).height == frames.height);
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
