#include <ATen/Functions.h>

#include "known_model.hpp"
#include "principal_components.hpp"
#include "support/catch.hpp"
#include "unit/math/support.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

TEST_CASE("points without a projection are the chosen dimensions of the mean codes") {
  KnownModel model(3);
  const auto codes = Draw(1).normal({1100, 3});
  const auto labels = at::arange(1100, at::kLong).remainder(10);
  const auto train = known_split("train", codes, labels);
  const auto test = known_split("test", -codes, labels);
  const auto of_test =
      show("{use: latent_scatter, projection: none, dimensions: [2, 0]}", model, train, test);
  CHECK(of_test.pictures.empty());
  REQUIRE(of_test.scatters.size() == 1);
  CHECK(same_codes(of_test.scatters[0].points, -codes.index_select(1, at::tensor({2, 0}))));
  CHECK(at::equal(of_test.scatters[0].labels, labels));
  CHECK(of_test.scatters[0].axes ==
        std::array<std::string, 2>{"code, dimension 2", "code, dimension 0"});
  const auto of_train =
      show("{use: latent_scatter, projection: none, split: train, count: 700}", model, train, test);
  // Some are a random subset; a point has the label of its image.
  const auto& some = of_train.scatters[0];
  REQUIRE(some.points.sizes() == at::IntArrayRef({700, 2}));
  const auto places = at::cdist(some.points, codes.slice(1, 0, 2).to(at::kDouble)).argmin(1);
  CHECK(same_codes(some.points, codes.index_select(0, places).slice(1, 0, 2)));
  CHECK(at::equal(some.labels, labels.index_select(0, places)));
  CHECK(number(places.max()) > 1000);
  const auto sampled = show("{use: latent_scatter, projection: none, split: train, sampled: true}",
                            model, train, test)
                           .scatters[0]
                           .points;
  CHECK(number((sampled - codes.slice(1, 0, 2)).std()) == Approx(1).margin(0.1));
}

TEST_CASE("principal components are the directions of largest variance, about the mean") {
  // Planted: orthogonal directions with standard deviations 5, 2 and 0.1, far from zero.
  const auto directions = std::get<0>(at::linalg_qr(Draw(2).normal({4, 4}).to(at::kDouble)));
  const auto planted = Draw(3).normal({2500, 4}).to(at::kDouble) * doubles({5, 2, 0.1, 0.01});
  const auto points = planted.matmul(directions.t()) + 1000;
  const auto found = views::principal_components(
      [&](std::int64_t begin, std::int64_t end) { return points.slice(0, begin, end); }, 2500);
  REQUIRE(found.sizes() == at::IntArrayRef({2500, 2}));
  CHECK(number(found.mean(0).abs().max()) < 1e-9);
  // The truth by a singular value decomposition of the centred points.
  const auto centred = points - points.mean(0);
  const auto axes = std::get<2>(at::linalg_svd(centred, false)).slice(0, 0, 2);
  const auto truth = centred.matmul(axes.t());
  for (std::int64_t i = 0; i < 2; ++i) {
    const auto a = found.select(1, i), b = truth.select(1, i);
    CHECK(std::min(number((a - b).abs().max()), number((a + b).abs().max())) < 1e-6);
  }
  const auto line = views::principal_components(
      [&](std::int64_t begin, std::int64_t end) {
        return points.slice(0, begin, end).slice(1, 0, 1);
      },
      100);
  CHECK(number(line.select(1, 1).abs().max()) == 0);
}

TEST_CASE("pixels are projected instead of codes where that is asked for") {
  KnownModel model(2);
  const auto codes = Draw(1).normal({50, 2}) * at::tensor({3.0, 1.0});
  const auto split = known_split("test", codes);
  const auto pixels = show("{use: latent_scatter, space: pixels}", model, split).scatters[0];
  const auto of_codes = show("{use: latent_scatter}", model, split).scatters[0];
  CHECK_FALSE(pixels.labels.defined());
  // A pixel is a hundredth of a code.
  CHECK(same_codes(pixels.points * 100, of_codes.points));
}

TEST_CASE("a scatter plot that cannot be made is refused before the model trains") {
  KnownModel one(1);
  const auto line = known_split("test", at::zeros({9, 1}));
  CHECK_THROWS_AS(show("{use: latent_scatter, projection: none}", one, line), ConfigError);
  for (const auto* wrong : {"{use: latent_scatter, projection: tsne, count: 5001}",
                            "{use: latent_scatter, projection: none, space: pixels}",
                            "{use: latent_scatter, projection: none, dimensions: [0, 0]}"})
    CHECK_THROWS_AS(show(wrong, one, line), ConfigError);
}

TEST_CASE("t-SNE of codes is the same each time, with fewer points than neighbours wanted too") {
  KnownModel model(3);
  const auto split = known_split("test", Draw(1).normal({30, 3}));
  const std::string view = "{use: latent_scatter, projection: tsne}";
  const auto points = show(view, model, split).scatters[0].points;
  REQUIRE(points.sizes() == at::IntArrayRef({30, 2}));
  CHECK(points.isfinite().all().item<bool>());
  CHECK(at::equal(points, show(view, model, split).scatters[0].points));
}
