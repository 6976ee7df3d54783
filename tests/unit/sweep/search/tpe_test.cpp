#include "sweep/search/tpe.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "support/catch.hpp"

namespace varia::sweep {
namespace {

const std::vector<TpeRange> kSpace{{std::log(1e-5), std::log(1e-1), 0}, {-3, 5, 0}, {0, 0, 3}};

std::vector<double> drawn_point(std::mt19937_64& random) {
  std::vector<double> at;
  for (const auto& range : kSpace)
    at.push_back(range.choices > 0
                     ? std::floor(uniform(random) * static_cast<double>(range.choices))
                     : range.low + (range.high - range.low) * uniform(random));
  return at;
}

/// A quadratic in the logarithm of one number and in another, with one good choice of three.
double value_at(const std::vector<double>& at) {
  const double x = at[0] - std::log(2e-3);
  const double y = at[1] - 1;
  return x * x + y * y + (at[2] == 1 ? 0 : 3);
}

/// The best of so many points.
double best_of(int points, int startup, unsigned seed) {
  const Tpe tpe(kSpace);
  std::mt19937_64 random(seed);
  std::vector<TpeResult> results;
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < points; ++i) {
    const auto at = i < startup ? drawn_point(random)
                                : tpe.propose(results, 1000 * seed + static_cast<unsigned>(i));
    results.push_back({at, value_at(at)});
    best = std::min(best, results.back().value);
  }
  return best;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return (values[values.size() / 2 - 1] + values[values.size() / 2]) / 2;
}

TEST_CASE("50 points by TPE beat 50 random ones") {
  std::vector<double> proposed;
  std::vector<double> random;
  for (unsigned seed = 0; seed < 20; ++seed) {
    proposed.push_back(best_of(50, 10, seed));
    random.push_back(best_of(50, 50, seed));
  }
  CHECK(median(proposed) < median(random) / 2);
}

TEST_CASE("proposals stay inside the space, whatever the results") {
  const Tpe tpe(kSpace);
  std::mt19937_64 random(4);
  std::vector<TpeResult> results;
  for (unsigned i = 0; i < 120; ++i) {
    const auto at = tpe.propose(results, i);
    REQUIRE(at.size() == kSpace.size());
    for (std::size_t d = 0; d < 2; ++d) {
      CHECK(at[d] >= kSpace[d].low);
      CHECK(at[d] <= kSpace[d].high);
    }
    CHECK((at[2] == 0 || at[2] == 1 || at[2] == 2));
    // The best at a corner, some failed.
    auto corner = drawn_point(random);
    if (i % 5 == 0) corner = {kSpace[0].high, kSpace[1].low, 2};
    const double value = i % 7 == 3 ? std::nan("") : value_at(corner);
    results.push_back({corner, i % 5 == 0 ? -100 : value});
  }
}

TEST_CASE("equal results give equal proposals, other streams other ones") {
  const Tpe tpe(kSpace);
  std::mt19937_64 random(9);
  std::vector<TpeResult> results;
  for (int i = 0; i < 15; ++i) {
    const auto at = drawn_point(random);
    results.push_back({at, value_at(at)});
  }
  CHECK(tpe.propose(results, 3) == tpe.propose(results, 3));
  CHECK(tpe.propose(results, 3) != tpe.propose(results, 4));
  // Only the order of the values counts, not how far they are apart.
  auto stretched = results;
  for (auto& result : stretched) result.value = std::exp(result.value);
  CHECK(tpe.propose(results, 3) == tpe.propose(stretched, 3));
}

TEST_CASE("a tenth of the points is good, rounded up, and never more than 25") {
  const Tpe tpe(kSpace);
  CHECK(tpe.good_count(1) == 1);
  CHECK(tpe.good_count(10) == 1);
  CHECK(tpe.good_count(11) == 2);
  CHECK(tpe.good_count(250) == 25);
  CHECK(tpe.good_count(5000) == 25);
  CHECK(Tpe(kSpace, 24, 0.25).good_count(10) == 3);
}

TEST_CASE("points that failed are avoided") {
  // All with a large first coordinate failed; nothing else tells the points apart.
  const Tpe tpe({{0, 1, 0}}, 24, 0.5);
  std::mt19937_64 random(1);
  std::vector<TpeResult> results;
  for (int i = 0; i < 40; ++i) {
    const double x = uniform(random);
    results.push_back({{x}, x > 0.5 ? std::nan("") : 1.0});
  }
  int below = 0;
  for (unsigned stream = 0; stream < 100; ++stream)
    below += tpe.propose(results, stream)[0] <= 0.5 ? 1 : 0;
  CHECK(below >= 95);
}

}  // namespace
}  // namespace varia::sweep
