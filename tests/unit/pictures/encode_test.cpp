#include "pictures/encode.hpp"

#include <algorithm>
#include <cmath>

#include "support/catch.hpp"
#include "unit/pictures/gif_reader.hpp"
#include "unit/pictures/picture_fixtures.hpp"
#include "varia/error.hpp"

namespace varia::pictures {

namespace {

GifFile round_trip(const std::vector<Image>& frames, double rate = 10) {
  return GifReader(encode_gif(
                       frames.size(), [&](std::size_t i) { return frames.at(i); }, rate))
      .read();
}

/// A picture of one grey.
Image plain(std::int64_t height, std::int64_t width, std::uint8_t grey) {
  return {height, width, 1,
          std::vector<std::uint8_t>(static_cast<std::size_t>(height * width), grey)};
}

}  // namespace

TEST_CASE("an animation has every frame, repeats for ever and keeps its rate") {
  const std::vector<Image> frames = {ramp(16, 16), plain(16, 16, 7), ramp(16, 16)};
  const auto file = round_trip(frames, 4);
  CHECK(file.width == 16);
  CHECK(file.height == 16);
  CHECK(file.repetitions == 0);
  CHECK(file.delays == std::vector<int>{25, 25, 25});
  REQUIRE(file.frames.size() == 3);
}

TEST_CASE("all 256 greys are exact in every frame of an animation") {
  std::vector<Image> frames;
  for (int shift = 0; shift < 5; ++shift) {
    auto frame = ramp(20, 33);
    for (auto& pixel : frame.pixels) pixel = static_cast<std::uint8_t>(pixel + 50 * shift);
    frames.push_back(frame);
  }
  const auto file = round_trip(frames);
  REQUIRE(file.frames.size() == frames.size());
  for (std::size_t i = 0; i < frames.size(); ++i) CHECK(file.frames[i] == to_colour(frames[i]));
}

TEST_CASE("an animation of one colour is read back") {
  const auto file = round_trip({plain(3, 5, 255), plain(3, 5, 255)});
  REQUIRE(file.frames.size() == 2);
  CHECK(file.frames[1] == to_colour(plain(3, 5, 255)));
}

TEST_CASE("few colours are exact in an animation, grey and coloured frames mixed") {
  Image colour{2, 2, 3, {255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9}};
  const auto file = round_trip({colour, plain(2, 2, 128)});
  REQUIRE(file.frames.size() == 2);
  CHECK(file.frames[0] == colour);
  CHECK(file.frames[1] == to_colour(plain(2, 2, 128)));
}

TEST_CASE("many colours become 256 that are near") {
  const auto picture = many_colours(64, 64);
  const auto file = round_trip({picture, picture});
  REQUIRE(file.frames.size() == 2);
  REQUIRE(file.frames[1].pixels.size() == picture.pixels.size());
  double sum = 0;
  for (std::size_t i = 0; i < picture.pixels.size(); ++i)
    sum += std::abs(double(picture.pixels[i]) - double(file.frames[1].pixels[i]));
  CHECK(sum / static_cast<double>(picture.pixels.size()) < 16);
}

TEST_CASE("the ground of a frame with many colours is exact") {
  auto picture = many_colours(64, 64);
  std::fill(picture.pixels.begin() + 3 * 64 * 32, picture.pixels.end(), std::uint8_t{251});
  const auto file = round_trip({picture, picture});
  REQUIRE(file.frames.size() == 2);
  CHECK(std::vector<std::uint8_t>(file.frames[1].pixels.end() - 30, file.frames[1].pixels.end()) ==
        std::vector<std::uint8_t>(30, 251));
}

TEST_CASE("the rate of an animation stays within what the format and viewers can do") {
  CHECK(round_trip({ramp(2, 2), ramp(2, 2)}, 1000).delays.front() == 2);
  CHECK(round_trip({ramp(2, 2), ramp(2, 2)}, 1e-9).delays.front() == 65535);
}

TEST_CASE("frames of different sizes are no animation") {
  CHECK_THROWS_AS(round_trip({ramp(2, 2), ramp(2, 3)}), Error);
  CHECK_THROWS_AS(round_trip({}), Error);
}

TEST_CASE("a PNG has exactly the pixels of the picture") {
  for (const auto& image :
       {ramp(16, 16), ramp(1, 1), ramp(5, 77), ramp(16, 16, 3), many_colours(64, 64)})
    CHECK(decode_png(encode_png(image)) == to_colour(image));
}

TEST_CASE("a PNG of one colour is read back") {
  const Image black{4, 6, 1, std::vector<std::uint8_t>(24, 0)};
  CHECK(decode_png(encode_png(black)) == to_colour(black));
}

TEST_CASE("equal pictures give equal PNG bytes") {
  CHECK(encode_png(many_colours(40, 40)) == encode_png(many_colours(40, 40)));
}

TEST_CASE("a grey PNG has a table of colours, so that it stays small") {
  // Its colour type, by which the format tells what a pixel is: 3 is a place in a table, 2 is RGB.
  CHECK(encode_png(ramp(32, 32))[25] == 3);
  CHECK(encode_png(many_colours(32, 32))[25] == 2);
}

TEST_CASE("what is no picture is not encoded") {
  CHECK_THROWS_AS(encode_png({}), Error);
  CHECK_THROWS_AS(encode_png({2, 2, 1, {1, 2, 3}}), Error);
  CHECK_THROWS_AS(encode_png({1, 1, 2, {1, 2}}), Error);
  CHECK_THROWS_AS(encode_png({kMaxSide + 1, 1, 1, {}}), Error);
}

}  // namespace varia::pictures
