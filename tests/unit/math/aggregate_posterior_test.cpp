#include <cmath>

#include "support.hpp"
#include "support/catch.hpp"
#include "varia/aggregate_posterior.hpp"
#include "varia/distributions.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

TEST_CASE("every draw is judged by the posterior of every image") {
  Draw draw(1);
  const auto mean = draw.normal({1, 3, 2});
  const auto log_var = draw.normal({1, 3, 2});
  const auto value = draw.normal({2, 4, 2});  // K = 2 draws of 4 other images
  const auto pairs = pairwise_log_density(Normal(mean, log_var), value);
  REQUIRE(pairs.sizes() == at::IntArrayRef({8, 3, 2}));
  for (std::int64_t i = 0; i < 8; ++i)
    for (std::int64_t j = 0; j < 3; ++j) {
      const Normal one(mean.slice(1, j, j + 1), log_var.slice(1, j, j + 1));
      const auto truth = one.log_density(value.view({8, 1, 1, 2})[i]);
      CHECK(close(pairs[i][j], truth.flatten()));
    }
}

TEST_CASE("the aggregate posterior is the weighted sum of densities, jointly and by dimension") {
  Draw draw(2);
  const auto pairs = draw.normal({4, 3, 2}).to(at::kDouble);
  const auto weights = draw.uniform({4, 3}).to(at::kDouble);
  const auto aggregate = aggregate_posterior(pairs, weights.log());
  for (std::int64_t i = 0; i < 4; ++i) {
    double joint = 0, first = 0, second = 0;
    for (std::int64_t j = 0; j < 3; ++j) {
      const double w = number(weights[i][j]);
      const double a = number(pairs[i][j][0]), b = number(pairs[i][j][1]);
      joint += w * std::exp(a + b);
      first += w * std::exp(a);
      second += w * std::exp(b);
    }
    CHECK(number(aggregate.joint[i]) == Approx(std::log(joint)));
    CHECK(number(aggregate.marginals[i][0]) == Approx(std::log(first)));
    CHECK(number(aggregate.marginals[i][1]) == Approx(std::log(second)));
  }
}

TEST_CASE("stratified weights: 1/N for the own image, one other for all that are not there") {
  const auto weights = stratified_log_weights(5, 60).exp().to(at::kDouble);
  // N = 60 and M = 4 others: 1/60, three times 1/4, and 56/240 once.
  for (std::int64_t i = 0; i < 5; ++i) {
    CHECK(number(weights[i][i]) == Approx(1.0 / 60));
    CHECK(number(weights[i][(i + 1) % 5]) == Approx(56.0 / 240));
    for (const std::int64_t other : {2, 3, 4})
      CHECK(number(weights[i][(i + other) % 5]) == Approx(0.25));
    CHECK(number(weights[i].sum()) == Approx(1));
    CHECK(number(weights.select(1, i).sum()) == Approx(1));
  }
  // With all images in the batch, each counts as it should.
  CHECK(close(stratified_log_weights(3, 3).exp(), at::tensor({1 / 3., 1 / 6., 1 / 2.,  //
                                                              1 / 2., 1 / 3., 1 / 6.,  //
                                                              1 / 6., 1 / 2., 1 / 3.})
                                                      .view({3, 3})));
  CHECK(number(stratified_log_weights(1, 60).sum()) == 0);
  CHECK(number(stratified_log_weights(8, 5).exp().sum()) == Approx(8));
  CHECK(std::exp(weighted_log_weight(5, 60)) == Approx(1.0 / 300));
}
