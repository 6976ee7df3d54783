#include "analysis/statistics/permutation_test.hpp"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "support/catch.hpp"

using namespace varia::statistics;
using Catch::Approx;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Every one of the 2^n flips, one after the other.
double brute_force(const std::vector<double>& a, const std::vector<double>& b) {
  double observed = 0;
  for (std::size_t i = 0; i < a.size(); ++i) observed += a[i] - b[i];
  std::size_t hits = 0;
  const std::size_t flips = std::size_t{1} << a.size();
  for (std::size_t bits = 0; bits < flips; ++bits) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
      sum += ((bits >> i) & 1U) != 0 ? a[i] - b[i] : b[i] - a[i];
    if (std::fabs(sum) >= std::fabs(observed) - 1e-9) ++hits;
  }
  return static_cast<double>(hits) / static_cast<double>(flips);
}

}  // namespace

TEST_CASE("the permutation test is SciPy's") {
  // SciPy 1.10.1: stats.permutation_test((a, b), lambda x, y, axis: np.mean(x - y, axis=axis),
  //   permutation_type='samples', vectorized=True, n_resamples=np.inf).pvalue, and
  //   stats.t.interval(0.95, 6, loc=d.mean(), scale=stats.sem(d)) of d = a - b
  const std::vector<double> a = {104.7, 105.3, 104.1, 106.2, 104.9, 103.3, 105.5};
  const std::vector<double> b = {105.2, 105.9, 104.0, 107.7, 105.1, 104.0, 105.3};
  const auto result = paired_difference(a, b);
  CHECK(result.pairs == 7);
  CHECK(result.exact);
  CHECK(result.centre == Approx(-0.4571428571428576).epsilon(1e-12));
  CHECK(result.p == 0.09375);
  CHECK(result.smallest_p == 1.0 / 64);
  CHECK(result.interval.low == Approx(-0.9880428308278932).epsilon(1e-7));
  CHECK(result.interval.high == Approx(0.07375711654217815).epsilon(1e-7));
}

TEST_CASE("the exact permutation test counts what brute force counts") {
  std::mt19937 engine(3);
  std::normal_distribution<double> noise(0.4, 1.0);
  for (std::size_t pairs = 1; pairs <= 14; ++pairs) {
    std::vector<double> a, b, rounded;
    for (std::size_t i = 0; i < pairs; ++i) {
      a.push_back(100 + noise(engine));
      b.push_back(100.0);
      rounded.push_back(std::round(a.back() * 2) / 2);  // many ties
    }
    CHECK(paired_difference(a, b).p == brute_force(a, b));
    CHECK(paired_difference(rounded, b).p == brute_force(rounded, b));
  }
}

TEST_CASE("random flips come close to the exact test") {
  std::vector<double> a, b;
  for (int i = 0; i < 30; ++i) {
    a.push_back(std::sin(i * 1.7) + 0.35);
    b.push_back(0);
  }
  const auto exact = paired_difference(a, b);
  const auto random = paired_difference(a, b, 0);
  CHECK(exact.exact);
  CHECK_FALSE(random.exact);
  CHECK(exact.p > 0.001);
  CHECK(exact.p < 0.2);
  CHECK(random.p == Approx(exact.p).margin(5 * std::sqrt(exact.p / 100000)));
  CHECK(random.smallest_p == Approx(1.0 / 100001));
  CHECK(random.p == paired_difference(a, b, 0).p);
}

TEST_CASE("more than thirty-two pairs are tested by random flips") {
  const std::vector<double> a(33, 1.0);
  const std::vector<double> b(33, 0.5);
  const auto result = paired_difference(a, b);
  CHECK_FALSE(result.exact);
  CHECK(result.p == Approx(1.0 / 100001));
}

TEST_CASE("the test of inter-quartile means is SciPy's, and so is its interval") {
  // SciPy 1.17.1: f = trim_mean(x, 0.25) - trim_mean(y, 0.25); stats.permutation_test((a, b), f,
  //   permutation_type='samples', n_resamples=np.inf).pvalue, and stats.bootstrap((a, b), f,
  //   paired=True, n_resamples=200000, method='percentile', random_state=1)
  const std::vector<double> a = {104.7, 105.3, 104.1, 106.2, 104.9, 103.3,
                                 105.5, 104.4, 120.0, 105.1, 104.6};
  const std::vector<double> b = {105.2, 105.9, 104.0, 107.7, 105.1, 104.0,
                                 105.3, 105.2, 105.0, 105.9, 104.9};
  const auto result = paired_interquartile_difference(a, b);
  CHECK(result.pairs == 11);
  CHECK(result.exact);
  CHECK(result.centre == Approx(-0.3));
  CHECK(result.p == 464.0 / 2048);
  CHECK(result.smallest_p == 1.0 / 1024);
  CHECK(result.interval.low == Approx(-0.6285714).margin(0.05));
  CHECK(result.interval.high == Approx(2.2142857).margin(0.15));
  const auto random = paired_interquartile_difference(a, b, 0);
  CHECK_FALSE(random.exact);
  CHECK(random.p == Approx(result.p).margin(5 * std::sqrt(result.p / 5000)));
  CHECK(paired_interquartile_difference(a, a).p == 1);
  CHECK(std::isnan(paired_interquartile_difference({}, {}).p));
}

TEST_CASE("pairs with a value that is missing or infinite do not count") {
  const auto result = paired_difference(std::vector<double>{1.0, kNaN, 3.0, 2.0},
                                        std::vector<double>{0.5, 1.0, kNaN, 1.0});
  CHECK(result.pairs == 2);
  CHECK(result.centre == 0.75);
  CHECK(result.p == 0.5);
  CHECK(result.smallest_p == 0.5);
}

TEST_CASE("one pair and equal values say nothing, and no pair has no p") {
  CHECK(paired_difference(std::vector<double>{3.0}, std::vector<double>{1.0}).p == 1.0);
  CHECK(paired_difference(std::vector<double>(5, 3.0), std::vector<double>(5, 3.0)).p == 1.0);
  const auto none = paired_difference({}, {});
  CHECK(std::isnan(none.p));
  CHECK(std::isnan(none.centre));
  CHECK(none.pairs == 0);
}

TEST_CASE("Holm's correction multiplies by the tests that are left and never decreases") {
  // Holm 1979: sorted 0.01, 0.02, 0.03, 0.04 become 0.04, 0.06, 0.06, 0.06.
  const auto corrected = holm(std::vector<double>{0.04, 0.01, 0.03, kNaN, 0.02});
  CHECK(corrected[1] == Approx(0.04));
  CHECK(corrected[4] == Approx(0.06));
  CHECK(corrected[2] == Approx(0.06));
  CHECK(corrected[0] == Approx(0.06));
  CHECK(std::isnan(corrected[3]));
  CHECK(holm(std::vector<double>{0.9, 0.8}) == std::vector<double>{1.0, 1.0});
  CHECK(holm({}).empty());
}
