#include <ATen/Functions.h>

#include <cstdio>
#include <string>
#include <vector>

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

/// KL(N(mean, 1) || N(0, 1)) in nats, averaged over the means of codes.
double kl_of(const Tensor& means) { return number(means.to(at::kDouble).square().mean()) / 2; }

std::string nats(double kl) {
  char text[64];
  std::snprintf(text, sizeof text, "%.2f nats", kl);
  return text;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a strip has a row a dimension and a column an offset, both with their labels") {
  KnownModel model(3);
  const auto picture = show("{use: traversal, start: zero, columns: 4, dimensions: [0, 1, 2]}",
                            model, split_of(2, 3))
                           .pictures[0];
  CHECK(picture.title == "Dimensions 0, 1, 2: -3 to 3");
  const auto codes = codes_in(picture.tiles, 3);
  REQUIRE(codes.sizes() == at::IntArrayRef({3, 4, 3}));
  for (std::int64_t row = 0; row < 3; ++row) {
    auto truth = at::zeros({4, 3}, at::kDouble);
    truth.select(1, row).copy_(doubles({-3, -1, 1, 3}));
    CHECK(same_codes(codes[row], truth));
  }
  CHECK(picture.labels.columns == Texts{"-3", "-1", "+1", "+3"});
  // The split's codes are 0 1 2 and 3 4 5.
  CHECK(picture.labels.rows == Texts{"0: " + nats(kl_of(doubles({0, 3}))),
                                     "1: " + nats(kl_of(doubles({1, 4}))),
                                     "2: " + nats(kl_of(doubles({2, 5})))});
  const auto fine =
      show("{use: traversal, from: -0.5, to: 0.5, columns: 5}", model, split_of(2, 3));
  CHECK(fine.pictures[0].labels.columns ==
        Texts{"original", "-0.50", "-0.25", "0", "+0.25", "+0.50"});
}

TEST_CASE("rows go from the dimension of the largest KL divergence to that of the smallest") {
  KnownModel model(3);
  const auto split =
      known_split("test", doubles({1, 9, -4, 1, -9, 4}).view({2, 3}));  // KL 0.5, 40.5, 8
  const auto picture = show("{use: traversal, columns: 2}", model, split).pictures[0];
  CHECK(picture.title == "Dimensions 0 to 2: -3 to 3");
  CHECK(picture.labels.rows == Texts{"1: 40.50 nats", "2: 8.00 nats", "0: 0.50 nats"});
  const auto last = codes_in(picture.tiles, 3).select(1, 2);
  CHECK(same_codes(last, doubles({1, 12, -4, 1, 9, -1, 4, 9, -4}).view({3, 3})));
  const auto named = show("{use: traversal, dimensions: [0, 1]}", model, split).pictures[0];
  CHECK(named.labels.rows == Texts{"0: 0.50 nats", "1: 40.50 nats"});
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
  // The image itself stands first.
  CHECK(of_image.pictures[0].labels.columns == Texts{"original", "0", "+1"});
  CHECK(same_codes(codes[0], doubles({9, 10, 11, 9, 10, 11, 9, 10, 12}).view({3, 3})));
  CHECK(same_codes(codes[1], doubles({9, 10, 11, 9, 10, 11, 10, 10, 11}).view({3, 3})));
  CHECK(at::equal(tiles[0][0].flatten().slice(0, 3), at::tensor({0.0F, 1.0F})));  // its category
  CHECK(at::equal(tiles[0][1].flatten().slice(0, 3), at::tensor({0.0F, 1.0F})));
  CHECK_THROWS_AS(show("{use: traversal, start: image, image: 10}", model, split), TrialError);

  const auto normal =
      codes_in(show("{use: traversal, start: normal, from: 0, to: 1, columns: 2}", model, split)
                   .pictures[0]
                   .tiles,
               3);
  CHECK(same_codes(normal.select(1, 0), normal[0][0].expand({3, 3})));
  CHECK(number(normal[0][0].abs().min()) > 0);
  CHECK(number(normal[0][0].abs().max()) < 5);
}

TEST_CASE("an animation goes from the first offset over zero to the last, and back") {
  KnownModel model(2);
  const auto split = known_split("test", doubles({3, 1, -3, 1, 3, -1}).view({3, 2}));
  const auto shown = show(
      "{use: traversal, form: animation, start: image, images: 3, from: -2, to: 2, columns: 5}",
      model, split);
  Texts titles;
  for (const auto& picture : shown.pictures) titles.push_back(picture.title.substr(19));
  CHECK(titles == Texts{"-2", "-1", "0", "+1", "+2", "+1", "0", "-1"});
  for (std::size_t frame = 0; frame < shown.pictures.size(); ++frame) {
    const auto& picture = shown.pictures[frame];
    CHECK(picture.labels.rows == Texts{"original", "0: 4.50 nats", "1: 0.50 nats"});
    const auto codes = codes_in(picture.tiles, 2);  // a row a dimension, a column an image
    REQUIRE(codes.sizes() == at::IntArrayRef({3, 3, 2}));
    const auto offset = std::stod(titles[frame]);
    auto truth = doubles({3, 1, -3, 1, 3, -1}).view({3, 2}).expand({3, 3, 2}).clone();
    truth[1].select(1, 0) += offset;
    truth[2].select(1, 1) += offset;
    CHECK(same_codes(codes, truth));
  }
}

TEST_CASE("no two columns of an animation are the same picture") {
  KnownModel model(16);
  const auto normal =
      show("{use: traversal, form: animation, start: normal, columns: 2}", model, split_of(2, 16));
  REQUIRE(normal.pictures.size() == 2);
  const auto codes = codes_in(normal.pictures[0].tiles, 16);
  REQUIRE(codes.sizes() == at::IntArrayRef({16, 8, 16}));
  CHECK(number(codes.std()) == Approx(1).margin(0.3));
  for (std::int64_t column = 1; column < 8; ++column)
    CHECK(number((codes.select(1, column) - codes.select(1, 0)).abs().max()) > 0.1);
  // All codes that start at zero are one.
  const auto zero = show("{use: traversal, form: animation, start: zero}", model, split_of(2, 16));
  CHECK(zero.pictures.size() == 20);
  CHECK(zero.pictures[0].tiles.size(1) == 1);
  CHECK_THROWS_AS(
      show("{use: traversal, form: animation, start: zero, images: 2}", model, split_of(2, 16)),
      ConfigError);
}

TEST_CASE("a traversal of dimensions that the code has not is refused before it trains") {
  KnownModel model(3);
  CHECK_THROWS_AS(show("{use: traversal, dimensions: [3]}", model, split_of(2, 3)), ConfigError);
  CHECK_THROWS_AS(
      show("{use: traversal, form: animation, columns: 1000, images: 1000}", model, split_of(2, 3)),
      ConfigError);
}

TEST_CASE("a parameter that has no effect is refused, and not ignored") {
  KnownModel model(3);
  for (const auto* idle :
       {"{use: traversal, images: 2}", "{use: traversal, start: zero, image: 1}",
        "{use: samples, fit_images: 10}", "{use: manifold, quantiles: 3, step: 1}",
        "{use: latent_scatter, perplexity: 3}", "{use: density_curve, space: data, dimension: 0}"})
    CHECK_THROWS_AS(show(idle, model, split_of(2, 3)), ConfigError);
}
