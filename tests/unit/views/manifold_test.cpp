#include <ATen/Functions.h>

#include "known_model.hpp"
#include "support/catch.hpp"
#include "unit/math/support.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

Split any_split(std::int64_t dimensions) {
  return known_split("train", at::zeros({2, dimensions}));
}

}  // namespace

TEST_CASE("the manifold's rows are the first dimension, its columns the second") {
  KnownModel model(2);
  const auto split = any_split(2);
  const auto picture =
      show("{use: manifold, from: -3, to: 2.4, step: 0.6}", model, split).pictures[0];
  CHECK(picture.title == "dimension 0 down, 1 across, -3 to 2.4");
  const auto codes = codes_in(picture.tiles, 2);
  REQUIRE(codes.sizes() == at::IntArrayRef({10, 10, 2}));
  for (std::int64_t row = 0; row < 10; ++row)
    for (std::int64_t column = 0; column < 10; ++column)
      CHECK(same_codes(codes[row][column], doubles({-3 + 0.6 * static_cast<double>(row),
                                                    -3 + 0.6 * static_cast<double>(column)})));
}

TEST_CASE("all dimensions but the two that are chosen are zero") {
  KnownModel model(4, 3);
  const auto split = known_split("train", at::zeros({2, 4}), {}, at::zeros({2}, at::kLong), 3);
  const auto tiles =
      show("{use: manifold, dimensions: [3, 1], to: -2.4}", model, split).pictures[0].tiles;
  const auto codes = codes_in(tiles, 4);
  REQUIRE(codes.sizes() == at::IntArrayRef({2, 2, 4}));
  CHECK(same_codes(codes[0][1], doubles({0, -2.4, 0, -3})));
  CHECK(same_codes(codes[1][0], doubles({0, -3, 0, -2.4})));
  // One category for the whole picture.
  const auto categories = tiles.flatten(2).slice(2, 4);
  CHECK(number(categories[0][0].sum()) == 1);
  CHECK(at::equal(categories, categories[0][0].expand_as(categories)));
}

TEST_CASE("quantiles part a standard normal variable into equal shares") {
  KnownModel model(2);
  const auto split = any_split(2);
  const auto codes =
      codes_in(show("{use: manifold, quantiles: 4}", model, split).pictures[0].tiles, 2);
  // Quantiles of the normal distribution at 1/8, 3/8, 5/8 and 7/8 (tables).
  const auto truth = doubles({-1.150349, -0.318639, 0.318639, 1.150349});
  CHECK(same_codes(codes.select(1, 2).select(1, 0), truth));
  CHECK(same_codes(codes[1].select(1, 1), truth));
}

TEST_CASE("a manifold that the model cannot show is refused before it trains") {
  KnownModel one(1);
  CHECK_THROWS_AS(show("{use: manifold}", one, any_split(1)), ConfigError);
  KnownModel two(2);
  for (const auto* wrong :
       {"{use: manifold, dimensions: [0, 2]}", "{use: manifold, dimensions: [1, 1]}",
        "{use: manifold, dimensions: [0]}", "{use: manifold, to: -4}",
        "{use: manifold, step: 1e-3}", "{use: manifold, quantiles: 3, from: 0}",
        "{use: manifold, blocks: [w]}"})
    CHECK_THROWS_AS(show(wrong, two, any_split(2)), ConfigError);
}
