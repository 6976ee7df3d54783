#include "pictures/png.hpp"
#include "support/catch.hpp"
#include "unit/pictures/support.hpp"
#include "varia/error.hpp"

namespace varia::pictures {

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
