#include "analysis/statistics/location.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "support/catch.hpp"

using namespace varia::statistics;
using Catch::Approx;

// Reference values are those of SciPy 1.10.1 and NumPy 1.24:
//   v = [104.7, 105.3, 104.1, 106.2, 104.9]
//   stats.t.interval(0.95, 4, loc=np.mean(v), scale=stats.sem(v)), np.std(v, ddof=1)
// (SciPy's t quantile has nine digits here)
//   stats.trim_mean(w, 0.25), np.quantile(w, [0.025, 0.5, 0.9]) for w below
namespace {

const std::vector<double> kFive = {104.7, 105.3, 104.1, 106.2, 104.9};
const std::vector<double> kTwelve = {3.1,  -2.0, 5.5,  0.4, 8.25, 1.75,
                                     -7.5, 2.2,  40.0, 0.9, 1.1,  3.3};

}  // namespace

TEST_CASE("mean, deviation and Student's interval are SciPy's") {
  CHECK(mean(kFive) == Approx(105.04).epsilon(1e-12));
  CHECK(standard_deviation(kFive) == Approx(0.7797435475847191).epsilon(1e-12));
  const auto wide = student_interval(kFive);
  CHECK(wide.low == Approx(104.07182050913238).epsilon(1e-9));
  CHECK(wide.high == Approx(106.00817949086763).epsilon(1e-9));
  const auto narrow = student_interval(kFive, 0.9);
  CHECK(narrow.low == Approx(104.29659962536341).epsilon(1e-9));
  CHECK(narrow.high == Approx(105.7834003746366).epsilon(1e-9));
}

TEST_CASE("one value has no deviation and no interval, no values no mean") {
  const std::vector<double> one = {2.5};
  CHECK(mean(one) == 2.5);
  CHECK(std::isnan(standard_deviation(one)));
  CHECK(std::isnan(student_interval(one).low));
  CHECK(std::isnan(student_interval(one).high));
  CHECK(std::isnan(mean({})));
  CHECK(std::isnan(interquartile_mean({})));
}

TEST_CASE("an infinite value makes an infinite mean without an interval") {
  const std::vector<double> values = {1.0, std::numeric_limits<double>::infinity(), 2.0};
  CHECK(std::isinf(mean(values)));
  CHECK(std::isnan(student_interval(values).low));
}

TEST_CASE("the interquartile mean is SciPy's trim_mean(0.25)") {
  const std::span<const double> values(kTwelve);
  CHECK(interquartile_mean(values) == Approx(2.0583333333333336).epsilon(1e-12));
  CHECK(interquartile_mean(values.first(11)) == Approx(2.1357142857142857).epsilon(1e-12));
  CHECK(interquartile_mean(values.first(5)) == Approx(3.0).epsilon(1e-12));
  CHECK(interquartile_mean(values.first(3)) == Approx(2.2).epsilon(1e-12));
}

TEST_CASE("quantiles are NumPy's") {
  auto sorted = kTwelve;
  std::sort(sorted.begin(), sorted.end());
  CHECK(quantile(sorted, 0.025) == Approx(-5.9875).epsilon(1e-12));
  CHECK(quantile(sorted, 0.5) == Approx(1.975).epsilon(1e-12));
  CHECK(quantile(sorted, 0.9) == Approx(7.975).epsilon(1e-12));
  CHECK(quantile(sorted, 0) == -7.5);
  CHECK(quantile(sorted, 1) == 40.0);
}
