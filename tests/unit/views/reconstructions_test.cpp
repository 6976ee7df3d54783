#include <ATen/Functions.h>

#include "known_model.hpp"
#include "support/catch.hpp"
#include "unit/math/support.hpp"

using namespace varia;
using namespace varia::test;

namespace {

Split split_of(std::int64_t count) {
  return known_split("train", at::arange(2 * count, at::kDouble).view({count, 2}),
                     at::tensor({5, 0, 4, 1, 9, 2, 1, 3}, at::kLong).slice(0, 0, count));
}

}  // namespace

TEST_CASE("images are shown in rows, with their labels in the title") {
  KnownModel model(2);
  const auto split = split_of(8);
  const auto shown = show("{use: images}", model, split);
  REQUIRE(shown.pictures.size() == 1);
  CHECK(shown.pictures[0].title == "labels 5 0 4 / 1 9 2");
  CHECK(same_codes(codes_in(shown.pictures[0].tiles, 2),
                   at::arange(12, at::kDouble).view({2, 3, 2})));
  const auto five = show("{use: images, count: 5, columns: 2}", model, split).pictures[0];
  CHECK(five.title == "labels 5 0 / 4 1 / 9");
  CHECK(number(five.tiles[2][1].max()) == 0);
}

TEST_CASE("pairs are an image and beside it its reconstruction") {
  KnownModel model(2);
  const auto split = split_of(5);
  const auto picture =
      show("{use: reconstructions, count: 4, columns: 2, split: train}", model, split).pictures[0];
  CHECK(picture.title == "original, reconstruction");
  const auto codes = codes_in(picture.tiles, 2);  // [2, 4, 2]
  REQUIRE(codes.sizes() == at::IntArrayRef({2, 4, 2}));
  const auto truth = at::arange(8, at::kDouble).view({2, 2, 2});
  CHECK(same_codes(codes.slice(1, 0, 4, 2), truth));
  const auto noise = codes.slice(1, 1, 4, 2) - truth;  // one draw of each code
  CHECK(number(noise.abs().min()) > 0);
  CHECK(number(noise.abs().max()) < 5);
}

TEST_CASE("grids have all reconstructions on the left and all images on the right") {
  KnownModel model(2);
  const auto split = split_of(5);
  const auto picture =
      show("{use: reconstructions, columns: 2, layout: grids}", model, split).pictures[0];
  CHECK(picture.title == "reconstruction, original");
  REQUIRE(picture.tiles.sizes() == at::IntArrayRef({3, 5, 1, 1, 2}));
  CHECK(number(picture.tiles.select(1, 2).abs().max()) == 0);  // between the grids
  const auto originals = codes_in(picture.tiles.slice(1, 3), 2).flatten(0, 1);
  CHECK(same_codes(originals.slice(0, 0, 5), at::arange(10, at::kDouble).view({5, 2})));
  const auto pairs =
      show("{use: reconstructions, columns: 1, layout: pairs}", model, split).pictures[0].tiles;
  CHECK(at::equal(pairs.select(1, 1), picture.tiles.slice(1, 0, 2).flatten(0, 1).slice(0, 0, 5)));
}

TEST_CASE("several draws of an image's code are all shown, each another one") {
  KnownModel model(1);
  const auto split = known_split("train", at::zeros({3, 1}));
  const auto picture =
      show("{use: reconstructions, columns: 1, draws: 60}", model, split).pictures[0];
  CHECK(picture.title.substr(0, 24) == "original, draw 1, draw 2");
  const auto codes = codes_in(picture.tiles, 1).squeeze(-1);  // [3, 61]
  REQUIRE(codes.sizes() == at::IntArrayRef({3, 61}));
  const auto draws = codes.slice(1, 1).flatten();
  CHECK(number(draws.std()) == Catch::Approx(1).margin(0.25));
  CHECK(std::get<0>(at::_unique(draws)).size(0) == 180);
  CHECK_THROWS_AS(show("{use: reconstructions, count: 10000, draws: 3}", model, split),
                  ConfigError);
}

TEST_CASE(
    "where the input is corrupted, it is shown before the reconstruction, the original last") {
  KnownModel model(2);
  const auto images = at::full({4, 1, 1, 2}, 0.25F);
  const Split split("test", std::make_shared<MemorySamples>(images), at::arange(4, at::kLong),
                    Binarize::none, {Corruption::Kind::mask, 0.5});
  const auto picture =
      show("{use: reconstructions, count: 4, columns: 2}", model, split).pictures[0];
  CHECK(picture.title == "input, reconstruction, original");
  REQUIRE(picture.tiles.sizes() == at::IntArrayRef({2, 6, 1, 1, 2}));
  const auto input = picture.tiles.slice(1, 0, 6, 3);
  const auto reconstruction = picture.tiles.slice(1, 1, 6, 3);
  CHECK(at::equal(picture.tiles.slice(1, 2, 6, 3), at::full({2, 2, 1, 1, 2}, 0.25F)));
  CHECK(((input == 0) | (input == 0.25)).all().item<bool>());
  CHECK(number(input.eq(0).sum()) > 0);
  // A reconstruction of what was seen: its code is off by a standard normal draw, 0.01 a pixel.
  CHECK(number((reconstruction - input).abs().max()) < 0.05);
  CHECK(show("{use: reconstructions, layout: grids}", model, split).pictures[0].title ==
        "input, reconstruction, original");
  CHECK(number(show("{use: images}", model, split).pictures[0].tiles.max()) == 0.25);
}
