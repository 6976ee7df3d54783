#include "factor_scores.hpp"

#include <cmath>

#include "support.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {
const std::vector<std::int64_t> kSizes = {3, 6, 5, 4};

double gap(const metrics::FactorCodes& codes, std::int64_t bins = 20) {
  return metrics::mean_gap(metrics::mutual_information_gaps(codes, bins));
}
}  // namespace

TEST_CASE("the gap of the factors themselves is one, in any order and scale") {
  auto codes = planted(kSizes, 1);
  CHECK(gap(codes) == Approx(1));
  permute(codes, {2, 0, 3, 1});
  CHECK(gap(codes) == Approx(1));
}

TEST_CASE("the gap of pairs of factors that are mixed is zero") {
  auto codes = planted({5, 5, 5, 5}, 1);
  rotate(codes, 0, 1);
  rotate(codes, 2, 3);
  CHECK(std::abs(gap(codes)) < 1e-9);
}

TEST_CASE("the gap of codes that know nothing is near zero") {
  auto codes = planted(kSizes, 50);
  randomise(codes, 3);
  CHECK(gap(codes) < 0.01);
}

TEST_CASE("a factor that two dimensions tell has no gap") {
  auto codes = planted({4, 4}, 3);
  for (std::size_t i = 0; i < codes.count; ++i) codes.points[i * 2 + 1] = codes.points[i * 2];
  const auto gaps = metrics::mutual_information_gaps(codes, 20);
  REQUIRE(gaps.size() == 2);
  CHECK(std::abs(gaps[0]) < 1e-9);
  CHECK(std::abs(gaps[1]) < 1e-9);
}

TEST_CASE("the gap is measured with as many bins as are asked for") {
  // Eight values in four bins: what is told is ln 4 of ln 8.
  const auto codes = planted({8, 3}, 1);
  const auto gaps = metrics::mutual_information_gaps(codes, 4);
  CHECK(gaps[0] == Approx(std::log(4) / std::log(8)));
  CHECK(gaps[1] == Approx(1));
}

TEST_CASE("a factor that does not vary is left out of the mean gap") {
  auto codes = planted({3, 2}, 2);
  for (std::size_t i = 0; i < codes.count; ++i) codes.factors[i * 2] = 0;
  const auto gaps = metrics::mutual_information_gaps(codes, 20);
  CHECK(std::isnan(gaps[0]));
  CHECK(metrics::mean_gap(gaps) == Approx(1));
  CHECK(std::isnan(metrics::mean_gap({NAN})));
}
