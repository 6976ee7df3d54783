#include "beta_vae_score.hpp"

#include <cmath>

#include "explicitness.hpp"
#include "support.hpp"
#include "support/catch.hpp"
#include "varia/error.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

double beta_vae_score(const metrics::FactorCodes& codes) {
  std::mt19937 generator(1);
  return metrics::beta_vae_score(codes, {.train_points = 1000, .points = 500, .batch = 16},
                                 uniform_numbers(generator));
}

}  // namespace

TEST_CASE("the beta-VAE score of identity data is near one") {
  CHECK(beta_vae_score(identity(2000)) >= 0.9);
  CHECK(beta_vae_score(duplicated(identity(2000))) >= 0.9);
}

TEST_CASE("the beta-VAE score of codes that know nothing is near chance") {
  auto codes = identity(2000);
  CHECK(std::abs(beta_vae_score(zeros(codes)) - 0.1) < 0.05);
  randomise(codes, 3);
  CHECK(std::abs(beta_vae_score(codes) - 0.1) < 0.05);
}

TEST_CASE("the beta-VAE score leaves out factors that do not vary") {
  auto codes = planted({3, 2, 4}, 4);
  for (std::size_t i = 0; i < codes.count; ++i) codes.factors[i * 3 + 1] = 0;
  CHECK(beta_vae_score(codes) == 1);
  for (auto& value : codes.factors) value = 0;
  CHECK_THROWS_AS(beta_vae_score(codes), Error);
}

TEST_CASE("the beta-VAE score of a single factor, which any classifier names, is not a number") {
  auto codes = planted({4}, 50);
  randomise(codes, 3);
  CHECK(std::isnan(beta_vae_score(codes)));
}

TEST_CASE("explicitness is one if a linear classifier tells every value, and one half by chance") {
  // Codes with a dimension for each value: linear in every value of every factor.
  const auto one_hot = [](const metrics::FactorCodes& codes) {
    auto result = codes;
    result.dimensions = codes.factor_count * 4;
    result.points.assign(codes.count * result.dimensions, 0);
    for (std::size_t i = 0; i < codes.count; ++i)
      for (std::size_t f = 0; f < codes.factor_count; ++f)
        result
            .points[i * result.dimensions + f * 4 + static_cast<std::size_t>(codes.factor(i, f))] =
            1;
    return result;
  };
  const auto known = one_hot(planted({3, 4, 2}, 5));
  CHECK(metrics::explicitness(known, known) == 1);
  CHECK(metrics::explicitness(zeros(known), zeros(known)) == 0.5);
}

TEST_CASE("explicitness is judged on codes that were not learned from") {
  auto train = planted({2, 3}, 40), judged = planted({2, 3}, 40);
  randomise(judged, 4);
  CHECK(metrics::explicitness(train, train) > 0.9);
  CHECK(std::abs(metrics::explicitness(train, judged) - 0.5) < 0.1);
}

TEST_CASE("a value that no training image has leaves the explicitness as it is") {
  auto train = planted({2, 3}, 20);
  rotate(train, 0, 1);
  const double known = metrics::explicitness(train, train);
  const auto both = with_unseen(train, 0);
  const auto judged_first =
      metrics::explicitness(metrics::with_factors(train, {0}), metrics::with_factors(both, {0}));
  CHECK(judged_first == metrics::explicitness(metrics::with_factors(train, {0}),
                                              metrics::with_factors(train, {0})));
  CHECK(metrics::explicitness(train, both) == Approx(known));
}

TEST_CASE("a factor of which the judged images share no value with training is left out") {
  auto train = planted({2, 3}, 20);
  rotate(train, 0, 1);
  auto judged = train;
  for (std::size_t i = 0; i < judged.count; ++i) judged.factors[i * 2] = 2 + (i % 2);
  const auto of = [&](const std::vector<std::size_t>& factors) {
    return metrics::explicitness(metrics::with_factors(train, factors),
                                 metrics::with_factors(judged, factors));
  };
  CHECK(std::isnan(of({0})));
  CHECK(of({0, 1}) == of({1}));
}

TEST_CASE("the explicitness of identity data is that of ten values in a row") {
  // A linear classifier tells the values at the ends, and those between by where they lie.
  const auto train = identity(2000, 1), judged = identity(1000, 2);
  CHECK(metrics::explicitness(train, judged) > 0.9);
}
