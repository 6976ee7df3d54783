#include <ATen/Functions.h>

#include <cmath>
#include <numbers>

#include "known_model.hpp"
#include "support/catch.hpp"
#include "unit/math/support.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

/// Points [1, 1, D] as data.
Split points_split(const Tensor& points) {
  return Split("train", std::make_shared<MemorySamples>(points.to(at::kFloat).contiguous()),
               at::arange(points.size(0), at::kLong), Binarize::none);
}

}  // namespace

TEST_CASE(
    "a density curve is the fitted density: it sums to one, with its peaks where it has them") {
  KnownModel model(1);
  const auto split = points_split(doubles({0, 5}).view({2, 1}));
  const auto shown = show(
      "{use: density_curve, space: data, from: -5, to: 10, width: 600, "
      "density: {use: kde, bandwidth: 1}}",
      model, split);
  REQUIRE(shown.pictures.size() == 1);
  REQUIRE(shown.scatters.size() == 1);
  const auto x = shown.scatters[0].points.select(1, 0);
  const auto y = shown.scatters[0].points.select(1, 1);
  REQUIRE(x.size(0) == 600);
  CHECK(number(x[0]) == Approx(-5 + 15.0 / 1200));
  const auto normal = [](const Tensor& at) {
    return (-0.5 * at.square()).exp() / std::sqrt(2 * std::numbers::pi);
  };
  CHECK(close(y, (normal(x) + normal(x - 5)) / 2, 1e-6, 1e-9));
  CHECK(number(y.sum()) * 15 / 600 == Approx(1).epsilon(1e-3));
  const auto& tiles = shown.pictures[0].tiles;
  REQUIRE(tiles.sizes() == at::IntArrayRef({1, 1, 3, 240, 600}));
  CHECK(shown.pictures[0].title.substr(0, 26) == "kde from -5 to 10, at most");
  const auto& labels = shown.pictures[0].labels;
  REQUIRE((labels.x && labels.y && !labels.colours));
  CHECK(*labels.x == PlotAxis{-5, 10, "data, coordinate 0"});
  CHECK(labels.y->from == 0);
  CHECK(labels.y->to == Approx(1.05 * number(y.max())));
  // The picture's columns are as high as the curve.
  const auto covered = (1 - tiles[0][0][0]).sum(0);
  CHECK(close(covered / covered.max(), y / y.max(), 1e-2, 1e-2));
}

TEST_CASE("a density curve of codes has the points' range where none is given") {
  KnownModel model(3);
  const auto split = known_split("train", at::arange(30, at::kDouble).view({10, 3}));
  const auto shown =
      show("{use: density_curve, dimension: 2, density: {use: histogram, bins: 5}}", model, split);
  CHECK(shown.pictures[0].title.substr(0, 29) == "histogram from -0.7 to 31.7, ");
}

TEST_CASE("a density's contours are lowest where it is highest") {
  KnownModel model(2);
  const auto points = Draw(1).normal({500, 2}) + at::tensor({20.0, -20.0});
  const auto shown = show(
      "{use: density_contour, space: data, from: -50, to: 50, size: 100, samples: 400, dots: "
      "false, density: {use: gmm, components: 1}}",
      model, points_split(points));
  const auto& tiles = shown.pictures[0].tiles;
  REQUIRE(tiles.sizes() == at::IntArrayRef({1, 1, 3, 100, 100}));
  // Yellow, the colour of the least, is at (20, -20): column 70, row 70 from above.
  const auto yellow = tiles[0][0][0] - tiles[0][0][2];
  const auto best = yellow.argmax().item<std::int64_t>();
  CHECK(best % 100 == Approx(70).margin(2));
  CHECK(best / 100 == Approx(70).margin(2));
  CHECK(shown.pictures[0].title.find("gmm: negative log-density") == 0);
  CHECK(shown.pictures[0].title.find("axes from -50 to 50") != std::string::npos);
  const auto& labels = shown.pictures[0].labels;
  REQUIRE((labels.x && labels.y && labels.colours));
  CHECK(*labels.x == PlotAxis{-50, 50, "data, coordinate 0"});
  CHECK(labels.y->name == "data, coordinate 1");
  // The colour of a pixel is that of the band in which its negative log-density lies.
  const auto& bar = *labels.colours;
  REQUIRE(bar.colours.size() == 10);
  REQUIRE(bar.edges.size() == 11);
  const auto nll_at = [](double x, double y) {  // of the mixture's one component, the sample's own
    return std::log(2 * std::numbers::pi) + (std::pow(x - 20, 2) + std::pow(y + 20, 2)) / 2;
  };
  for (const std::int64_t column : {5, 30, 52, 90}) {
    const auto nll = nll_at(-50 + (static_cast<double>(column) + 0.5), -50 + 70.5);
    std::size_t band = 0;
    while (band + 1 < bar.colours.size() && nll > bar.edges[band + 1]) ++band;
    INFO(column << ": " << nll);
    const auto pixel = tiles[0][0].select(2, column).select(1, 29).mul(255).round();
    CHECK(at::equal(pixel, at::tensor({float(bar.colours[band][0]), float(bar.colours[band][1]),
                                       float(bar.colours[band][2])})));
  }
  REQUIRE(shown.scatters.size() == 1);
  const auto& drawn = shown.scatters[0].points;
  REQUIRE(drawn.sizes() == at::IntArrayRef({400, 2}));
  CHECK(close(drawn.mean(0), doubles({20, -20}), 0.02));
}

TEST_CASE("contours lie on two dimensions of the code, also where the density is zero") {
  KnownModel model(3);
  const auto split = known_split("train", Draw(1).normal({50, 3}));
  const auto shown = show(
      "{use: density_contour, dimensions: [2, 0], size: 64, density: {use: histogram, bins: 4}}",
      model, split);
  CHECK(shown.scatters.empty());
  CHECK(shown.pictures[0].tiles.isfinite().all().item<bool>());
}

TEST_CASE("a density of other dimensions than the view shows is refused before it trains") {
  KnownModel model(3);
  const auto split = known_split("train", Draw(1).normal({50, 3}));
  for (const auto* wrong :
       {"{use: density_curve, space: data}", "{use: density_contour, space: data}",
        "{use: density_curve, dimension: 3}", "{use: density_contour, dimensions: [0, 3]}",
        "{use: density_contour, dimensions: [1, 1]}", "{use: density_curve, from: 1, to: 0}"})
    CHECK_THROWS_AS(show(wrong, model, split), ConfigError);
}
