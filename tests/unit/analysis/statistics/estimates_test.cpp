#include "analysis/statistics/estimates.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
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

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
const std::vector<double> kFive = {104.7, 105.3, 104.1, 106.2, 104.9};
const std::vector<double> kTwelve = {3.1,  -2.0, 5.5,  0.4, 8.25, 1.75,
                                     -7.5, 2.2,  40.0, 0.9, 1.1,  3.3};

/// The same estimate the plain way: draw, sort, average, sort, cut.
Interval plain_bootstrap(const std::vector<double>& values, std::size_t resamples) {
  std::mt19937_64 engine(12345);
  std::uniform_int_distribution<std::size_t> index(0, values.size() - 1);
  std::vector<double> means;
  for (std::size_t i = 0; i < resamples; ++i) {
    std::vector<double> resample;
    for (std::size_t k = 0; k < values.size(); ++k) resample.push_back(values[index(engine)]);
    means.push_back(interquartile_mean(resample));
  }
  std::sort(means.begin(), means.end());
  return {quantile(means, 0.025), quantile(means, 0.975)};
}

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

TEST_CASE("the bootstrap interval is SciPy's within Monte-Carlo error") {
  // SciPy 1.10.1: stats.bootstrap((w,), lambda x, axis: stats.trim_mean(x, 0.25, axis=axis),
  //   n_resamples=200000, method='percentile') gives 0.233 to 0.242 and 5.042 to 5.067 over four
  // seeds; with 2000 resamples the ends have standard deviations of 0.083 and 0.203.
  const auto fine = IqmBootstrap(kTwelve.size(), 80000).interval(kTwelve);
  CHECK(fine.low == Approx(0.2375).margin(0.04));
  CHECK(fine.high == Approx(5.06).margin(0.1));
  const auto usual = IqmBootstrap(kTwelve.size()).interval(kTwelve);
  CHECK(usual.low == Approx(0.2375).margin(4 * 0.083));
  CHECK(usual.high == Approx(5.06).margin(4 * 0.203));
}

TEST_CASE("the bootstrap agrees with one that draws and sorts the values themselves") {
  for (const std::size_t count :
       {std::size_t{1}, std::size_t{2}, std::size_t{10}, std::size_t{11}}) {
    const std::vector<double> values(kTwelve.begin(),
                                     kTwelve.begin() + static_cast<std::ptrdiff_t>(count));
    const auto plain = plain_bootstrap(values, 40000);
    const auto interval = IqmBootstrap(count, 40000).interval(values);
    CHECK(interval.low == Approx(plain.low).margin(0.15));
    CHECK(interval.high == Approx(plain.high).margin(0.15));
  }
}

TEST_CASE("weights that are kept and weights that are drawn anew give the same interval") {
  std::vector<double> values;
  for (int i = 0; i < 600; ++i) values.push_back(std::sin(i));
  const auto kept = IqmBootstrap(600, 1000).interval(values);
  const auto again = IqmBootstrap(600, 1000).interval(values);
  CHECK(kept.low == again.low);
  // 600 x 2000 weights are more than are kept.
  const auto drawn = IqmBootstrap(600, 2000).interval(values);
  CHECK(drawn.low == Approx(kept.low).margin(0.02));
  CHECK(drawn.high == Approx(kept.high).margin(0.02));
}

TEST_CASE("below ten values a summary is the mean with Student's interval") {
  const std::vector<double> values(kTwelve.begin(), kTwelve.begin() + 9);
  const auto summary = Summariser()(values);
  CHECK(summary.kind == Centre::mean);
  CHECK(summary.count == 9);
  CHECK(summary.centre == mean(values));
  CHECK(summary.interval.low == student_interval(values).low);
}

TEST_CASE("from ten values on a summary is the interquartile mean with a bootstrap interval") {
  const std::vector<double> values(kTwelve.begin(), kTwelve.begin() + 10);
  Summariser summarise;
  const auto summary = summarise(values);
  CHECK(summary.kind == Centre::interquartile_mean);
  CHECK(summary.centre == interquartile_mean(values));
  CHECK(summary.interval.low < summary.centre);
  CHECK(summary.interval.high > summary.centre);
  CHECK(summary.interval.high == summarise(values).interval.high);
}

TEST_CASE("missing values of a summary are counted and left out") {
  const auto summary = Summariser()(std::vector<double>{1.0, kNaN, 3.0, kNaN});
  CHECK(summary.count == 2);
  CHECK(summary.missing == 2);
  CHECK(summary.centre == 2.0);
  const auto nothing = Summariser()(std::vector<double>{kNaN});
  CHECK(nothing.count == 0);
  CHECK(std::isnan(nothing.centre));
  CHECK(std::isnan(nothing.interval.low));
}

TEST_CASE("ten values of which one is infinite have no bootstrap interval") {
  std::vector<double> values(10, 1.0);
  values[3] = std::numeric_limits<double>::infinity();
  const auto summary = Summariser()(values);
  CHECK(summary.centre == 1.0);
  CHECK(std::isnan(summary.interval.high));
}
