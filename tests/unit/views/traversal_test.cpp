#include <ATen/Functions.h>

#include <cmath>

#include "known_model.hpp"
#include "support/catch.hpp"
#include "unit/math/support.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

Split split_of(std::int64_t count, std::int64_t dimensions) {
  return known_split("test", at::arange(count * dimensions, at::kDouble).view({count, dimensions}));
}

/// Offsets in the titles of frames, in steps.
std::vector<long> steps_of(const Rendering& shown, double step) {
  std::vector<long> steps;
  for (const auto& picture : shown.pictures) {
    const auto text = picture.title.substr(picture.title.find(": ") + 2);
    steps.push_back(std::lround(std::stod(text) / step));
  }
  return steps;
}

}  // namespace

TEST_CASE("a strip has a row a dimension and a column an offset") {
  KnownModel model(3);
  const auto picture =
      show("{use: traversal, start: zero, columns: 4}", model, split_of(2, 3)).pictures[0];
  CHECK(picture.title == "Dimensions 0 to 2: -3 to 3");
  const auto codes = codes_in(picture.tiles, 3);
  REQUIRE(codes.sizes() == at::IntArrayRef({3, 4, 3}));
  for (std::int64_t row = 0; row < 3; ++row) {
    auto truth = at::zeros({4, 3}, at::kDouble);
    truth.select(1, row).copy_(doubles({-3, -1, 1, 3}));
    CHECK(same_codes(codes[row], truth));
  }
}

TEST_CASE("a traversal starts at zero, at normal draws or at the code of an image") {
  KnownModel model(3, 2);
  const auto split = known_split("test", at::arange(30, at::kDouble).view({10, 3}), {},
                                 at::arange(10, at::kLong).remainder(2), 2);
  const auto of_image = show(
      "{use: traversal, start: image, image: 3, dimensions: [2, 0], from: 0, to: 1, columns: 2}",
      model, split);
  CHECK(of_image.pictures[0].title == "Dimensions 2, 0: 0 to 1");
  const auto& tiles = of_image.pictures[0].tiles;
  const auto codes = codes_in(tiles, 3);
  CHECK(same_codes(codes[0], doubles({9, 10, 11, 9, 10, 12}).view({2, 3})));
  CHECK(same_codes(codes[1], doubles({9, 10, 11, 10, 10, 11}).view({2, 3})));
  CHECK(at::equal(tiles[0][0].flatten().slice(0, 3), at::tensor({0.0F, 1.0F})));  // its category
  CHECK_THROWS_AS(show("{use: traversal, start: image, image: 10}", model, split), TrialError);

  const auto normal = codes_in(
      show("{use: traversal, from: 0, to: 1, columns: 2}", model, split).pictures[0].tiles, 3);
  CHECK(same_codes(normal.select(1, 0), normal[0][0].expand({3, 3})));
  CHECK(number(normal[0][0].abs().min()) > 0);
  CHECK(number(normal[0][0].abs().max()) < 5);
}

TEST_CASE("an animation keeps the frames whose doubled root rounds up, and the last") {
  // The rule in integers: 2 sqrt(i) rounds to at least r where 16 i >= (2 r - 1)^2.
  const auto rounded = [](long i) {
    long r = 0;
    while ((2 * r + 1) * (2 * r + 1) <= 16 * i) ++r;
    return r;
  };
  std::vector<long> truth;
  long last = -1;
  for (long i = 0; i < 100; ++i) {
    if (rounded(i) <= last) continue;
    last = rounded(i);
    truth.push_back(i + 1);
  }
  truth.push_back(100);
  REQUIRE(truth.size() == 21);

  KnownModel model(2);
  const auto split = split_of(2, 2);
  const std::string rest = ", form: animation, images: 2, start: zero}";
  CHECK(steps_of(show("{use: traversal" + rest, model, split), 0.2) == truth);
  CHECK(steps_of(show("{use: traversal, step: -0.2" + rest, model, split), -0.2) == truth);
  const auto every = steps_of(show("{use: traversal, thin: false" + rest, model, split), 0.2);
  REQUIRE(every.size() == 100);
  CHECK(every.front() == 1);
  CHECK(every.back() == 100);
  // 2 sqrt(4) is 4: the last frame was kept already, and is not shown twice.
  CHECK(steps_of(show("{use: traversal, steps: 5" + rest, model, split), 0.2) ==
        std::vector<long>({1, 2, 3, 5}));
}

TEST_CASE("all dimensions of a combined animation set out from the same codes") {
  KnownModel model(16);
  const auto shown = show("{use: traversal, form: animation, steps: 2}", model, split_of(2, 16));
  REQUIRE(shown.pictures.size() == 2);
  CHECK(shown.pictures[0].title == "Dimensions 0 to 15: 0.2000");
  CHECK(shown.pictures[1].title == "Dimensions 0 to 15: 0.4000");
  // 8 rows of 2 grids of 4 x 8, an empty row or column of tiles between them.
  const auto& tiles = shown.pictures[1].tiles;
  REQUIRE(tiles.sizes() == at::IntArrayRef({8 * 5 - 1, 2 * 9 - 1, 1, 1, 16}));
  CHECK(number(tiles.select(1, 8).max()) == 0);
  CHECK(number(tiles.select(0, 4).max()) == 0);
  const auto grid = [&](std::int64_t dimension) {
    return codes_in(tiles.narrow(0, dimension / 2 * 5, 4).narrow(1, dimension % 2 * 9, 8), 16)
        .flatten(0, 1);  // [32, 16]
  };
  auto start = grid(0).clone();
  start.select(1, 0) -= 0.4;
  for (std::int64_t dimension = 0; dimension < 16; ++dimension) {
    auto truth = start.clone();
    truth.select(1, dimension) += 0.4;
    CHECK(same_codes(grid(dimension), truth));
  }
  CHECK(number(start.std()) == Approx(1).margin(0.2));
}

TEST_CASE("animations that are not combined follow one another, each with its dimension's title") {
  KnownModel model(3);
  const auto shown = show(
      "{use: traversal, form: animation, combine: false, steps: 2, step: -0.2, images: 5, "
      "images_across: 3, dimensions: [2, 0], start: image}",
      model, split_of(5, 3));
  REQUIRE(shown.pictures.size() == 4);
  CHECK(shown.pictures[0].title == "Dimension 2: -0.2000");
  CHECK(shown.pictures[1].title == "Dimension 2: -0.4000");
  CHECK(shown.pictures[2].title == "Dimension 0: -0.2000");
  const auto& tiles = shown.pictures[1].tiles;
  REQUIRE(tiles.sizes() == at::IntArrayRef({2, 3, 1, 1, 3}));
  auto truth = at::arange(15, at::kDouble).view({5, 3}).clone();
  truth.select(1, 2) -= 0.4;
  CHECK(same_codes(codes_in(tiles, 3).flatten(0, 1).slice(0, 0, 5), truth));
  CHECK(number(tiles[1][2].max()) == 0);
}

TEST_CASE("a traversal of dimensions that the code has not is refused before it trains") {
  KnownModel model(3);
  CHECK_THROWS_AS(show("{use: traversal, dimensions: [3]}", model, split_of(2, 3)), ConfigError);
  CHECK_THROWS_AS(show("{use: traversal, form: animation, steps: 10000, images: 1000, thin: false}",
                       model, split_of(2, 3)),
                  ConfigError);
}

TEST_CASE("a parameter that has no effect is refused, and not ignored") {
  KnownModel model(3);
  for (const auto* idle :
       {"{use: traversal, step: 0.1}", "{use: traversal, image: 1}",
        "{use: traversal, form: animation, from: 0}", "{use: samples, fit_images: 10}",
        "{use: manifold, quantiles: 3, step: 1}", "{use: latent_scatter, perplexity: 3}",
        "{use: density_curve, space: data, dimension: 0}"})
    CHECK_THROWS_AS(show(idle, model, split_of(2, 3)), ConfigError);
}
