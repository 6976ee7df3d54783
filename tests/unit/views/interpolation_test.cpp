#include <ATen/Functions.h>

#include <cmath>

#include "known_model.hpp"
#include "support/catch.hpp"
#include "unit/math/support.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

const Tensor kCodes = at::tensor({3.0, 0.0, 0.0, 3.0, -4.0, 3.0, 1.0, 1.0, 2.0, 2.0, -1.0, 0.0});

Split labelled() {
  return known_split("test", kCodes.view({6, 2}), at::tensor({0, 1, 2, 0, 1, 2}, at::kLong));
}

}  // namespace

TEST_CASE("an interpolation goes from a tenth of the way to the second code in ten equal steps") {
  KnownModel model(2);
  const auto split = labelled();
  const auto picture =
      show("{use: interpolation, by: index, from: 0, to: 2, count: 2}", model, split).pictures[0];
  CHECK(picture.title == "0 to 2, 1 to 0");
  const auto codes = codes_in(picture.tiles, 2);
  REQUIRE(codes.sizes() == at::IntArrayRef({2, 10, 2}));
  const auto all = kCodes.view({6, 2});
  for (std::int64_t row = 0; row < 2; ++row)
    for (std::int64_t step = 0; step < 10; ++step) {
      const double alpha = 0.1 * static_cast<double>(step + 1);
      CHECK(same_codes(codes[row][step], (1 - alpha) * all[row] + alpha * all[2 + row]));
    }
}

TEST_CASE("a spherical interpolation turns at an equal rate and keeps the length") {
  KnownModel model(2);
  const auto split = labelled();
  const auto codes = codes_in(show("{use: interpolation, by: index, from: 0, to: 1, path: "
                                   "spherical, alpha_from: 0, steps: 4}",
                                   model, split)
                                  .pictures[0]
                                  .tiles,
                              2)[0];
  for (std::int64_t step = 0; step < 4; ++step) {
    const double angle = static_cast<double>(step) * std::acos(0.0) / 3;
    CHECK(same_codes(codes[step], doubles({3 * std::cos(angle), 3 * std::sin(angle)})));
  }
  // One direction: on the line between them.
  const auto line = codes_in(show("{use: interpolation, by: index, from: 3, to: 4, path: "
                                  "spherical, alpha_from: 0, steps: 2}",
                                  model, split)
                                 .pictures[0]
                                 .tiles,
                             2)[0];
  CHECK(same_codes(line, doubles({1, 1, 2, 2}).view({2, 2})));
}

TEST_CASE("an interpolation joins images of different labels, or of the labels asked for") {
  KnownModel model(2);
  const auto split = labelled();
  const auto title = show("{use: interpolation, count: 20}", model, split).pictures[0].title;
  for (const auto* same : {"0 to 0", "1 to 1", "2 to 2"})
    CHECK(title.find(same) == std::string::npos);
  CHECK(show("{use: interpolation, from: 2, to: 0, count: 3}", model, split).pictures[0].title ==
        "2 to 0, 2 to 0, 2 to 0");
  CHECK(show("{use: interpolation, from: 1, to: 1}", model, split).pictures[0].title == "1 to 1");
  // From one image of a class to another one.
  const std::string within = "{use: interpolation, from: 1, to: 1, alpha_from: 0, steps: 2}";
  const auto ends = codes_in(show(within, model, split).pictures[0].tiles, 2)[0];
  const auto all = kCodes.view({6, 2});
  CHECK(((same_codes(ends[0], all[1]) && same_codes(ends[1], all[4])) ||
         (same_codes(ends[0], all[4]) && same_codes(ends[1], all[1]))));
  CHECK(show("{use: interpolation, from: 1}", model, split).pictures[0].title.substr(0, 4) ==
        "1 to");
  CHECK_THROWS_AS(show("{use: interpolation, from: 3}", model, split), ConfigError);
  CHECK_THROWS_AS(show("{use: interpolation, by: index, from: 3}", model, split), ConfigError);
  CHECK_THROWS_AS(show("{use: interpolation, by: index, from: 3, to: 6}", model, split),
                  TrialError);
}

TEST_CASE("an interpolation names the classes of its images") {
  KnownModel model(2);
  const auto split = known_split("test", kCodes.view({6, 2}),
                                 at::tensor({0, 1, 2, 0, 1, 2}, at::kLong), {}, 0, {"cat", "dog"});
  CHECK(show("{use: interpolation, from: 1, to: 0}", model, split).pictures[0].title ==
        "dog to cat");
  CHECK(show("{use: interpolation, from: 2, to: 0}", model, split).pictures[0].title == "2 to cat");
}

TEST_CASE("an interpolation without labels joins any two images") {
  KnownModel model(2);
  const auto split = known_split("test", kCodes.view({6, 2}));
  const auto picture = show("{use: interpolation, count: 2}", model, split).pictures[0];
  CHECK(picture.title.empty());
  CHECK(picture.tiles.size(0) == 2);
}

TEST_CASE("an interpolation mixes categories, and ends in the second image") {
  KnownModel model(2, 3);
  const auto split =
      known_split("test", kCodes.view({6, 2}), {}, at::tensor({0, 1, 2, 0, 1, 2}, at::kLong), 3);
  const auto tiles =
      show("{use: interpolation, by: index, from: 0, to: 1, path: spherical}", model, split)
          .pictures[0]
          .tiles[0];
  const auto categories = tiles.flatten(1).slice(1, 2);  // [10, 3]
  CHECK(close(categories[3], doubles({0.6, 0.4, 0}), 1e-5, 1e-6));
  CHECK(close(categories[9], doubles({0, 1, 0}), 1e-5, 1e-6));
  CHECK(same_codes(codes_in(tiles[9], 2), doubles({0, 3})));
}

TEST_CASE("sampled codes are draws, the same in every picture") {
  KnownModel model(2);
  const auto split = labelled();
  const std::string view = "{use: interpolation, by: index, from: 0, to: 1, sampled: true}";
  const auto tiles = show(view, model, split).pictures[0].tiles;
  CHECK(at::equal(tiles, show(view, model, split).pictures[0].tiles));
  const auto last = codes_in(tiles, 2)[0][9];
  CHECK_FALSE(same_codes(last, doubles({0, 3})));
  CHECK(number((last - doubles({0, 3})).abs().max()) < 5);
}

TEST_CASE("an interpolation between labels is refused if the data has none") {
  KnownModel model(2);
  const auto split = known_split("test", kCodes.view({6, 2}));
  CHECK_THROWS_WITH(show("{use: interpolation, from: 7}", model, split),
                    Catch::Matchers::ContainsSubstring("this data has none"));
}
