#include "factor_information.hpp"

#include <cmath>

#include "support.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {
const std::vector<std::int64_t> kSizes = {3, 6, 5, 4};

std::vector<double> gaps_of(const metrics::FactorCodes& codes, std::int64_t bins = 20) {
  return metrics::mutual_information_gaps(metrics::binned_information(codes, bins));
}

double gap(const metrics::FactorCodes& codes, std::int64_t bins = 20) {
  return metrics::mean_of_known(gaps_of(codes, bins));
}

double gap_of_dimensions(const metrics::FactorCodes& codes) {
  return metrics::mean_of_known(
      metrics::mutual_information_gaps_of_dimensions(metrics::binned_information(codes, 20)));
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

TEST_CASE("without a second dimension, or a second factor, there is no gap") {
  auto codes = planted({3, 2}, 20);
  codes.dimensions = 1;
  codes.points.resize(codes.count);
  randomise(codes, 3);
  CHECK(std::isnan(gap(codes)));
  auto one_factor = planted({3, 2}, 20);
  for (std::size_t i = 0; i < one_factor.count; ++i) one_factor.factors[i * 2] = 0;
  randomise(one_factor, 3);
  CHECK(std::isnan(gap_of_dimensions(one_factor)));
  CHECK(std::isnan(metrics::modularity(metrics::FactorMatrix(3, 1))));
}

TEST_CASE("a factor that two dimensions tell has no gap") {
  auto codes = planted({4, 4}, 3);
  for (std::size_t i = 0; i < codes.count; ++i) codes.points[i * 2 + 1] = codes.points[i * 2];
  const auto gaps = gaps_of(codes);
  REQUIRE(gaps.size() == 2);
  CHECK(std::abs(gaps[0]) < 1e-9);
  CHECK(std::abs(gaps[1]) < 1e-9);
}

TEST_CASE("the gap is measured with as many bins as are asked for") {
  // Eight values in four bins: what is told is ln 4 of ln 8.
  const auto codes = planted({8, 3}, 1);
  const auto gaps = gaps_of(codes, 4);
  CHECK(gaps[0] == Approx(std::log(4) / std::log(8)));
  CHECK(gaps[1] == Approx(1));
}

TEST_CASE("a factor that does not vary is left out of the mean gap") {
  auto codes = planted({3, 2}, 2);
  for (std::size_t i = 0; i < codes.count; ++i) codes.factors[i * 2] = 0;
  const auto gaps = gaps_of(codes);
  CHECK(std::isnan(gaps[0]));
  CHECK(metrics::mean_of_known(gaps) == Approx(1));
  CHECK(std::isnan(metrics::mean_of_known({NAN})));
}

TEST_CASE("the gaps of identity data are one, of zeros and of duplicates zero") {
  const auto codes = identity(3000);
  CHECK(gap(codes) >= 0.9);
  CHECK(gap(zeros(codes)) == 0);
  CHECK(gap(duplicated(codes)) < 1e-9);
}

TEST_CASE(
    "the gap of dimensions is one if each tells of one factor, also if two tell of the same") {
  const auto codes = planted(kSizes, 1);
  CHECK(gap_of_dimensions(codes) == Approx(1));
  CHECK(gap_of_dimensions(duplicated(codes)) == Approx(1));
  CHECK(gap_of_dimensions(zeros(codes)) == 0);
  CHECK(gap_of_dimensions(identity(3000)) >= 0.9);
}

TEST_CASE("a dimension that tells all of two factors has no gap") {
  // The first dimension numbers the pairs of both factors, the second tells of the second alone.
  auto codes = planted({4, 4}, 1);
  for (std::size_t i = 0; i < codes.count; ++i) codes.points[i * 2] = static_cast<double>(i);
  const auto gaps =
      metrics::mutual_information_gaps_of_dimensions(metrics::binned_information(codes, 20));
  REQUIRE(gaps.size() == 2);
  CHECK(std::abs(gaps[0]) < 1e-9);
  CHECK(gaps[1] == Approx(1));
}

TEST_CASE("modularity is one if each dimension tells of one factor, and zero if it tells nothing") {
  CHECK(metrics::modularity(diagonals(5, 5)) == Approx(1));
  CHECK(metrics::modularity(diagonals(10, 5)) == Approx(1));
  CHECK(metrics::modularity(diagonals(2, 5)) == Approx(1));
  CHECK(metrics::modularity(metrics::FactorMatrix(10, 10)) == 0);
}

TEST_CASE("an empty dimension counts in modularity, and a second factor of nine others a ninth") {
  CHECK(metrics::modularity(factor_matrix({{1, 0}, {0, 1}, {0, 0}})) == Approx(2.0 / 3));
  CHECK(metrics::modularity(diagonals(5, 10)) == Approx(1 - 1.0 / 9));
}

TEST_CASE("the modularity of identity data is one, with duplicates as well") {
  for (const auto& codes : {identity(3000), duplicated(identity(3000))})
    CHECK(metrics::modularity(metrics::binned_information(codes, 20).nats) >= 0.99);
}
