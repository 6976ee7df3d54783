#include "plot.hpp"

#include <ATen/Functions.h>

#include "support/catch.hpp"
#include "unit/math/support.hpp"

using namespace varia;
using namespace varia::test;
using namespace varia::views;

TEST_CASE("a filled curve covers each column up to its height") {
  const auto image = filled_curve(doubles({0, 0.25, 0.6, 1}), 10);
  REQUIRE(image.sizes() == at::IntArrayRef({3, 10, 4}));
  const auto covered = (1 - image) / (1 - image[0][9][3].expand({3, 1, 1}) * 0 -
                                      image.select(1, 9).select(1, 3).view({3, 1, 1}));
  CHECK(close(covered[0].sum(0), doubles({0, 2.5, 6, 10}), 1e-5));
  CHECK(number(covered[0][9][1]) > 0.99);  // from below
  CHECK(number(covered[0][7][1]) < 0.51);
  CHECK(number(image.max()) == 1);
}

TEST_CASE("colours go from dark to light and stay in range") {
  const auto colours = coloured(grid(0, 1, 101));
  REQUIRE(colours.sizes() == at::IntArrayRef({3, 101}));
  CHECK(number(colours.min()) >= 0);
  CHECK(number(colours.max()) <= 1);
  const auto luminance = colours[0] * 0.2126 + colours[1] * 0.7152 + colours[2] * 0.0722;
  CHECK((luminance.slice(0, 1) > luminance.slice(0, 0, 100)).all().item<bool>());
}

TEST_CASE("white lines lie where a map crosses the edge of a band") {
  const auto values = grid(0, 0.99, 100).expand({3, 100});
  const auto map = contour_map(values, 4);
  const auto white = (map == 1).all(0)[0];  // [100]
  CHECK(at::equal(white.nonzero().flatten(), at::tensor({24, 49, 74}, at::kLong)));
  const auto colours = band_colours(4);
  for (std::int64_t column : {0, 20, 30, 60, 99}) {
    const auto pixel = map.select(2, column).select(1, 0).mul(255).round();
    for (std::int64_t channel = 0; channel < 3; ++channel)
      CHECK(number(pixel[channel]) ==
            colours[static_cast<std::size_t>(column / 25)].at(static_cast<std::size_t>(channel)));
  }
}

TEST_CASE("dots lie at their points, the second coordinate upwards") {
  const auto map = at::ones({3, 10, 10});
  const auto dotted = with_dots(map, doubles({-4.5, 4.5, 4.5, -4.5, 9, 0}).view({3, 2}), -5, 5);
  CHECK(number((1 - dotted).sum()) == 6);
  CHECK(number(dotted[0][0][0]) == 0);
  CHECK(number(dotted[1][9][9]) == 0);
}
