#include "irs.hpp"

#include <cmath>

#include "support.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

double irs(const metrics::FactorCodes& codes, double quantile = 0.99, std::int64_t bins = 20) {
  return metrics::interventional_robustness(codes, quantile, bins);
}

}  // namespace

TEST_CASE("the interventional robustness of identity data is one, of zeros nothing") {
  CHECK(irs(identity(3000)) >= 0.9);
  CHECK(irs(duplicated(identity(3000))) >= 0.9);
  CHECK(irs(zeros(identity(3000))) == 0);
}

TEST_CASE("dimensions that do not vary are left out of the interventional robustness") {
  auto codes = planted({3, 4}, 2);
  CHECK(irs(codes) == Approx(1));
  for (std::size_t i = 0; i < codes.count; ++i) codes.points[i * 2] = 7;
  CHECK(irs(codes) == Approx(1));
}

TEST_CASE(
    "a dimension that moves while either factor is fixed is told by the quantile of how far") {
  // z = a + b of factors in {0, 1, 2, 3, 4}: with one fixed, the distances from the mean are 2, 1,
  // 0, 1, 2, of which the median is 1; the farthest from the mean of all is 4.
  auto codes = planted({5, 5}, 1);
  codes.dimensions = 1;
  codes.points.clear();
  for (std::size_t i = 0; i < codes.count; ++i)
    codes.points.push_back(static_cast<double>(codes.factor(i, 0) + codes.factor(i, 1)));
  CHECK(irs(codes, 1) == Approx(0.5));
  CHECK(irs(codes, 0.5) == Approx(0.75));
  CHECK(irs(codes, 0) == Approx(1));
  // Between the third and the fourth of five.
  CHECK(irs(codes, 0.6) == Approx(1 - (1 + 0.4) / 4));
}

TEST_CASE("the wider moving dimension weighs more in the interventional robustness") {
  // The first knows a factor, and moves three times as far as the second, which knows none.
  auto codes = planted({2, 2}, 1);
  codes.points = {3, 1, -3, -1, 3, -1, -3, 1};
  CHECK(irs(codes, 1) == Approx(3.0 / 4));
}

TEST_CASE("a factor of more values than bins is fixed in intervals") {
  auto codes = planted({40, 2}, 1);
  CHECK(irs(codes, 1, 40) == Approx(1));
  // Four intervals of ten values of [-1, 1] each, half of which is 9 / 39.
  auto first = codes;
  first.dimensions = 1;
  first.points.clear();
  for (std::size_t i = 0; i < codes.count; ++i) first.points.push_back(codes.point(i, 0));
  CHECK(irs(first, 1, 4) == Approx(1 - 9.0 / 39));
}

TEST_CASE("there is no interventional robustness without a factor that varies") {
  auto codes = planted({3, 2}, 1);
  for (auto& value : codes.factors) value = 0;
  CHECK(std::isnan(irs(codes)));
}
