#include "pictures/titled_frames.hpp"

#include <algorithm>

#include "support/catch.hpp"
#include "unit/pictures/support.hpp"
#include "varia/error.hpp"

namespace varia::pictures {

namespace {

/// The picture below the room for titles.
Image below_title(const Image& frame, std::int64_t height) {
  const auto row = frame.width * frame.channels;
  return {
      height, frame.width, frame.channels, {frame.pixels.end() - height * row, frame.pixels.end()}};
}

}  // namespace

TEST_CASE("without titles a frame is the picture, enlarged") {
  const auto picture = ramp(6, 9);
  const TitledFrames frames({{6, 9, ""}}, 3);
  CHECK(frames.compose(picture, "") == enlarge(picture, 3));
}

TEST_CASE("a title stands above the picture, black on white, and leaves it as it is") {
  const auto picture = ramp(20, 200);
  const TitledFrames frames({{20, 200, "Dimension 3: 0.4000"}}, 2);
  const auto frame = frames.compose(picture, "Dimension 3: 0.4000");
  CHECK(frame.channels == 1);
  CHECK(frame.height > 40);
  CHECK(below_title(frame, 40) == enlarge(picture, 2));
  const std::vector<std::uint8_t> title(frame.pixels.begin(),
                                        frame.pixels.begin() + (frame.height - 40) * frame.width);
  const auto black = std::count(title.begin(), title.end(), 0);
  CHECK(black > 100);
  CHECK(std::count(title.begin(), title.end(), 255) + black ==
        static_cast<std::ptrdiff_t>(title.size()));
}

TEST_CASE("another title gives another frame") {
  const TitledFrames frames({{20, 200, "one"}, {20, 200, "two"}}, 1);
  CHECK(frames.compose(ramp(20, 200), "one") != frames.compose(ramp(20, 200), "two"));
}

TEST_CASE("frames of an animation have one size") {
  const TitledFrames frames({{10, 30, "a"}, {20, 10, ""}}, 1);
  const auto first = frames.compose(ramp(10, 30), "a");
  const auto second = frames.compose(ramp(20, 10, 3), "");
  CHECK(first.height == second.height);
  CHECK(first.width == second.width);
  CHECK(first.height == frames.height());
  CHECK(first.width == frames.width());
}

TEST_CASE("a long title takes more lines, and a narrow picture gets margins") {
  const std::string title = "Dimension 3: 0.4000, start normal, all others at zero";
  const TitledFrames narrow({{10, 10, title}}, 1);
  const TitledFrames wide({{10, 1000, title}}, 1);
  CHECK(narrow.width() > 100);
  CHECK(narrow.width() < 200);
  CHECK(narrow.height() > wide.height());
  CHECK_NOTHROW(narrow.compose(ramp(10, 10), title));
}

TEST_CASE("hostile titles are drawn in bounds") {
  for (const auto& title : {std::string(100000, 'x'), std::string("\x1b[2J\n\0\xff\xc3", 8),
                            std::string(5000, ' '), std::string("\xce\xb2 = 4")}) {
    const TitledFrames frames({{4, 4, title}}, 1);
    CHECK(frames.height() < 200);
    CHECK(frames.compose(ramp(4, 4), title).height == frames.height());
  }
  CHECK(plain_text("\xce\xb2 = 4\n", 100) == "? = 4?");
  CHECK(plain_text("abcdef", 3) == "abc");
}

TEST_CASE("a frame that was not announced is refused") {
  const TitledFrames frames({{4, 4, ""}}, 1);
  CHECK_THROWS_AS(frames.compose(ramp(5, 4), ""), Error);
  CHECK_THROWS_AS(frames.compose(ramp(4, 4), "title"), Error);
  CHECK_THROWS_AS(TitledFrames({{60000, 60000, ""}}, 1), Error);
  CHECK_THROWS_AS(TitledFrames({{4, 4, ""}}, std::int64_t{1} << 60), Error);
}

}  // namespace varia::pictures
