#include <ATen/Functions.h>

#include <limits>

#include "known_model.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::test;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Rows of two numbers between 0 and 100 codes; the last one has a number that was not observed.
Split rows(const Tensor& labels = {}) {
  const auto codes = at::tensor({0.0, 0.0, 50.0, 100.0, 100.0, 50.0, 25.0, kNan}).view({4, 2});
  const auto known = known_split("test", codes, labels);
  Draw draw(1);
  auto values = known.slice(0, 4, draw).target;
  return Split(
      "test",
      std::make_shared<MemorySamples>(
          values, Annotations{.features = {"a", "b"}, .has_missing = true, .labels = labels}),
      at::arange(4, at::kLong), Binarize::none);
}

/// The places [m, 2] of the black pixels of a picture [3, H, W]: rows and columns.
Tensor dots_of(const Tensor& picture) { return picture.sum(0).eq(0).nonzero(); }

bool has_colour(const Tensor& picture, std::int64_t row, std::int64_t column,
                const std::vector<float>& colour) {
  return at::allclose(picture.select(1, row).select(1, column), at::tensor(colour), 1e-3, 1e-3);
}

const std::vector<float> kLeast = {0.267, 0.005, 0.329};
const std::vector<float> kMost = {0.993, 0.906, 0.144};
const std::vector<float> kUnobserved = {0.8, 0.8, 0.8};

}  // namespace

TEST_CASE("feature_reconstruction has a dot for each observed number, near the diagonal") {
  KnownModel model(2);
  const auto shown = show("{use: feature_reconstruction}", model, rows());
  REQUIRE(shown.pictures.size() == 1);
  const auto& tiles = shown.pictures[0].tiles;
  CHECK(tiles.sizes() == at::IntArrayRef({1, 2, 3, 96, 96}));
  for (std::int64_t feature = 0; feature < 2; ++feature) {
    const auto dots = dots_of(tiles[0][feature]);
    CHECK(dots.size(0) == (feature == 0 ? 4 : 3));
    // A code is drawn with a standard deviation of one in a hundred.
    CHECK((95 - dots.select(1, 0) - dots.select(1, 1)).abs().max().item<std::int64_t>() <= 6);
  }
  CHECK(shown.pictures[0].title.starts_with("observed across, reconstructed up: "));
  // Each panel has its name above the dots.
  const auto& names = shown.pictures[0].labels.tiles;
  REQUIRE(names.size() == 1);
  REQUIRE(names[0].size() == 2);
  CHECK(shown.pictures[0].title.ends_with(": " + names[0][0] + ", " + names[0][1]));
  CHECK(dots_of(tiles[0][0]).select(1, 0).min().item<std::int64_t>() >= 10);
}

TEST_CASE("heat_map has the observed numbers beside the reconstructed ones, by label") {
  KnownModel model(2);
  const auto shown =
      show("{use: heat_map, cell: 1}", model, rows(at::tensor({1, 0, 1, 0}, at::kLong)));
  REQUIRE(shown.pictures.size() == 1);
  const auto& tiles = shown.pictures[0].tiles;
  // Two columns and a white one.
  REQUIRE(tiles.sizes() == at::IntArrayRef({1, 2, 3, 4, 3}));
  const auto observed = tiles[0][0];
  // The samples of label 0 are the second and the last.
  CHECK(has_colour(observed, 0, 1, kMost));
  CHECK(has_colour(observed, 1, 1, kUnobserved));
  CHECK(has_colour(observed, 2, 0, kLeast));
  CHECK(has_colour(observed, 2, 1, kLeast));
  CHECK(has_colour(observed, 3, 0, kMost));
  CHECK(has_colour(observed, 0, 2, {1, 1, 1}));
  // The bar of colours goes over the scale of each feature.
  const auto& bar = shown.pictures[0].labels.colours;
  REQUIRE(bar.has_value());
  CHECK(bar->edges.front() == 0);
  CHECK(bar->edges.back() == 1);
  CHECK((tiles[0][1] - observed).select(2, 0).abs().max().item<double>() < 0.2);
}
