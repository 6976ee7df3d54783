#include "tsne.hpp"

#include <ATen/Functions.h>

#include <cmath>

#include "support/catch.hpp"
#include "unit/math/support.hpp"

using namespace varia;
using namespace varia::test;
using namespace varia::views;
using Catch::Approx;

namespace {

/// `each` points about each of `clusters` far centres.
Tensor clusters(std::int64_t count, std::int64_t each, std::int64_t dimensions) {
  Draw draw(7);
  const auto centres = draw.normal({count, 1, dimensions}) * 10;
  return (centres + draw.normal({count, each, dimensions})).flatten(0, 1);
}

double perplexity_of(const Tensor& row) {
  const auto known = row.masked_select(row > 0);
  return std::exp(-number((known * known.log()).sum()));
}

}  // namespace

TEST_CASE("each point's affinities have the perplexity asked for") {
  for (const double scale : {1e-6, 1.0, 1e6}) {
    const auto points = scale * clusters(3, 40, 5).to(at::kDouble);
    for (const double perplexity : {2.0, 15.0, 39.0}) {
      const auto affinities = conditional_affinities(points, perplexity);
      REQUIRE(affinities.sizes() == at::IntArrayRef({120, 120}));
      CHECK(number(affinities.diagonal().abs().max()) == 0);
      CHECK(close(affinities.sum(1), at::ones({120}, at::kDouble), 1e-9));
      for (std::int64_t i = 0; i < 120; ++i)
        CHECK(perplexity_of(affinities[i]) == Approx(perplexity).epsilon(1e-6));
    }
  }
}

TEST_CASE("an affinity is a Gaussian of the distance") {
  const auto points = clusters(1, 12, 3).to(at::kDouble);
  const auto affinities = conditional_affinities(points, 4);
  // ln(p_ij / p_ik) = precision (d_ik - d_ij): one precision explains a row.
  const auto squared = (points[0] - points).square().sum(1);
  const auto precision = [&](std::int64_t j, std::int64_t k) {
    return number((affinities[0][j] / affinities[0][k]).log() / (squared[k] - squared[j]));
  };
  for (std::int64_t j = 2; j < 12; ++j)
    CHECK(precision(1, j) == Approx(precision(1, 11 + (j == 11) * -1)));
  const auto joint = joint_affinities(affinities);
  CHECK(number(joint.sum()) == Approx(1));
  CHECK(close(joint, joint.t()));
  CHECK(number(joint[1][2]) == Approx(number(affinities[1][2] + affinities[2][1]) / 24));
}

TEST_CASE("equal points have equal affinities") {
  const auto affinities = conditional_affinities(at::zeros({9, 2}), 3);
  CHECK(close(affinities, (at::ones({9, 9}) - at::eye(9)) / 8, 1e-9));
}

TEST_CASE("the gradient of t-SNE is the derivative of the divergence") {
  // More points than a vector has lanes, and no multiple of it.
  const auto affinities = joint_affinities(conditional_affinities(clusters(2, 19, 4), 6));
  const auto embedding = Draw(3).normal({38, 2});
  const auto gradient = tsne_gradient(affinities.to(at::kFloat), embedding, 1);
  for (std::int64_t i = 0; i < 76; ++i) {
    const double h = 1e-5;
    const auto moved = [&](double by) {
      auto copy = embedding.to(at::kDouble);
      copy.view(-1)[i] += by;
      return tsne_divergence(affinities, copy);
    };
    CHECK(number(gradient.view(-1)[i]) ==
          Approx((moved(h) - moved(-h)) / (2 * h)).epsilon(1e-3).margin(1e-6));
  }
  // Exaggeration multiplies what attracts: the difference is linear in it.
  const auto twice = tsne_gradient(affinities.to(at::kFloat), embedding, 2) - gradient;
  const auto thrice = tsne_gradient(affinities.to(at::kFloat), embedding, 3) - gradient;
  CHECK(close(thrice, 2 * twice, 1e-3, 1e-6));
}

TEST_CASE("the divergence falls while t-SNE runs") {
  const auto points = clusters(4, 25, 6);
  const auto affinities = joint_affinities(conditional_affinities(points, 15));
  const auto divergence = [&](std::int64_t iterations) {
    TsneOptions options;
    options.iterations = iterations;
    Draw draw(1);
    return tsne_divergence(affinities, tsne(points, options, draw));
  };
  const auto start = divergence(0), middle = divergence(400), end = divergence(1000);
  CHECK(middle < 0.7 * start);
  CHECK(end <= middle + 1e-3);
  CHECK(end > 0);
}

TEST_CASE("t-SNE keeps planted clusters apart and together, the same each time") {
  const auto points = clusters(5, 40, 10);
  Draw draw(1), again(1);
  const auto embedding = tsne(points, {}, draw);
  CHECK(at::equal(embedding, tsne(points, {}, again)));
  CHECK(number(embedding.mean(0).abs().max()) < 1e-3);
  auto distances = (embedding.unsqueeze(0) - embedding.unsqueeze(1)).square().sum(2);
  distances.fill_diagonal_(INFINITY);
  const auto nearest = std::get<1>(distances.topk(10, 1, false));  // [200, 10]
  const auto cluster = at::arange(200, at::kLong).div(40, "floor");
  CHECK(cluster.index({nearest}).eq(cluster.unsqueeze(1)).all().item<bool>());
}
