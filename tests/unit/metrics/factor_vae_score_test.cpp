#include "factor_vae_score.hpp"

#include <cmath>
#include <random>

#include "support.hpp"
#include "support/catch.hpp"
#include "varia/error.hpp"

using namespace varia;
using namespace varia::test;
using metrics::FactorCodes;

namespace {

double score(const FactorCodes& codes, unsigned seed = 1) {
  std::mt19937 generator(seed);
  return metrics::factor_vae_score(codes, {2000, 1000, 32, 0.05}, uniform_numbers(generator));
}

const std::vector<std::int64_t> kSizes = {3, 6, 5, 4};

}  // namespace

TEST_CASE("the FactorVAE score of the factors themselves is one, in any order and scale") {
  auto codes = planted(kSizes, 2);
  CHECK(score(codes) == 1);
  permute(codes, {2, 0, 3, 1});
  CHECK(score(codes) == 1);
}

TEST_CASE("the FactorVAE score of pairs of factors that are mixed is one half") {
  // Whichever of two factors is fixed, either dimension of the pair stands still as much.
  auto codes = planted({5, 5, 5, 5}, 1);
  rotate(codes, 0, 1);
  rotate(codes, 2, 3);
  CHECK(std::abs(score(codes) - 0.5) < 0.06);
}

TEST_CASE("the FactorVAE score of codes that know nothing is near chance") {
  auto codes = planted(kSizes, 20);
  randomise(codes, 5);
  CHECK(std::abs(score(codes) - 0.25) < 0.08);
}

TEST_CASE("dimensions that hardly move do not vote, and a code of such alone scores nothing") {
  auto codes = planted(kSizes, 2);
  // Were it not left out, a dimension that is nearly constant would still have the least variance
  // now and then; one that is constant would win always.
  for (std::size_t i = 0; i < codes.count; ++i) codes.points[i * 4] *= 1e-3;
  const double three_of_four = score(codes);
  CHECK(three_of_four > 0.7);
  CHECK(three_of_four < 0.9);
  for (auto& number : codes.points) number *= 1e-3;
  CHECK(score(codes) == 0);
}

TEST_CASE("a factor that does not vary is not voted for") {
  CHECK(score(planted({3, 1 + 1, 4}, 4)) == 1);
  auto codes = planted({3, 2, 4}, 4);
  for (std::size_t i = 0; i < codes.count; ++i) codes.factors[i * 3 + 1] = 0;
  CHECK(score(codes) == 1);
  for (auto& value : codes.factors) value = 0;
  CHECK_THROWS_AS(score(codes), Error);
}

TEST_CASE("the FactorVAE score of a single factor, for which every vote is, is not a number") {
  auto codes = planted({4}, 50);
  randomise(codes, 3);
  CHECK(std::isnan(score(codes)));
}

TEST_CASE("factors are told apart by their values, whatever these are") {
  const auto codes = metrics::factor_codes({1, 2, 3}, {0.5F, -7, 0.5F, 1e6F, 0.25F, -7}, 3);
  CHECK(codes.dimensions == 1);
  CHECK(codes.factor_count == 2);
  CHECK(codes.factors == std::vector<std::int64_t>{1, 0, 1, 1, 0, 0});
  CHECK(codes.values(0) == 2);
  CHECK_THROWS_AS(metrics::factor_codes({1, 2, 3}, {0, 1}, 2), Error);
  CHECK_THROWS_AS(metrics::factor_codes({}, {0, 1}, 2), Error);
  CHECK_THROWS_AS(metrics::factor_codes({1, NAN}, {0, 1}, 2), Error);
}
