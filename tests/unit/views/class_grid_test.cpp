#include <ATen/Functions.h>

#include "known_model.hpp"
#include "support/catch.hpp"
#include "unit/math/support.hpp"

using namespace varia;
using namespace varia::test;

namespace {

Split categories_split() {
  return known_split("train", at::zeros({4, 2}), at::zeros({4}, at::kLong),
                     at::zeros({4}, at::kLong), 3);
}

}  // namespace

TEST_CASE("a row of the class grid has one category, and a column one draw of the rest") {
  KnownModel model(2, 3);
  const auto split = categories_split();
  const auto picture = show("{use: class_grid}", model, split).pictures[0];
  REQUIRE(picture.tiles.sizes() == at::IntArrayRef({3, 8, 1, 1, 5}));
  CHECK(picture.title == "c = 0 1 2");
  const auto categories = picture.tiles.flatten(2).slice(2, 2);  // [3, 8, 3]
  for (std::int64_t row = 0; row < 3; ++row)
    CHECK(at::equal(categories[row], at::eye(3)[row].expand({8, 3})));
  const auto codes = codes_in(picture.tiles, 2);
  CHECK(same_codes(codes, codes[0].unsqueeze(0).expand_as(codes)));
  CHECK(std::get<0>(at::_unique(codes[0].flatten())).size(0) == 16);
}

TEST_CASE("the class grid names classes, and numbers categories that were found without labels") {
  const auto labels = at::tensor({0, 1, 2}, at::kLong);
  const auto split =
      known_split("train", at::zeros({3, 2}), labels, labels, 3, {"cat", "dog", "ship"});
  KnownModel told(2, 3, true), inferred(2, 3);
  CHECK(show("{use: class_grid, only: [2, 0]}", told, split).pictures[0].title == "c = ship cat");
  CHECK(show("{use: class_grid}", inferred, split).pictures[0].title == "c = 0 1 2");
}

TEST_CASE("chosen categories are the same images as in the whole grid") {
  KnownModel model(2, 3);
  const auto split = categories_split();
  const auto all = show("{use: class_grid}", model, split).pictures[0].tiles;
  const auto some = show("{use: class_grid, only: [2, 0], block: c}", model, split).pictures[0];
  CHECK(some.title == "c = 2 0");
  REQUIRE(some.tiles.size(0) == 2);
  CHECK(at::equal(some.tiles[0], all[2]));
  CHECK(at::equal(some.tiles[1], all[0]));
}

TEST_CASE("categories can be columns: one code in all categories is one row") {
  KnownModel model(2, 3);
  const auto split = categories_split();
  const auto tiles =
      show("{use: class_grid, columns: 1, layout: columns}", model, split).pictures[0].tiles;
  REQUIRE(tiles.sizes() == at::IntArrayRef({1, 3, 1, 1, 5}));
  CHECK(at::equal(tiles[0].flatten(1).slice(1, 2), at::eye(3)));
}

TEST_CASE("a class grid that the model cannot fill is refused before it trains") {
  const auto split = categories_split();
  KnownModel plain(5);
  CHECK_THROWS_AS(show("{use: class_grid}", plain, split), ConfigError);
  KnownModel model(2, 3);
  CHECK_THROWS_AS(show("{use: class_grid, block: z}", model, split), ConfigError);
  CHECK_THROWS_AS(show("{use: class_grid, only: [3]}", model, split), ConfigError);
  KnownModel crowded(2, 100'000);
  CHECK_THROWS_AS(show("{use: class_grid}", crowded, split), ConfigError);
  CHECK(show("{use: class_grid, only: [7], columns: 2}", crowded, split).pictures.size() == 1);
}
