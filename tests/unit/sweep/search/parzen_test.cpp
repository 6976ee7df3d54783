#include "sweep/search/tpe.hpp"

#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <cmath>

#include "support/catch.hpp"

namespace varia::sweep {
namespace {

using Catch::Approx;

double integral(const ParzenDensity& density, double from, double to) {
  // In parts, as kernels are narrow.
  double sum = 0;
  constexpr int parts = 400;
  const auto f = [&](double x) { return density.density(x); };
  for (int i = 0; i < parts; ++i) {
    const double a = from + (to - from) * i / parts;
    const double b = from + (to - from) * (i + 1) / parts;
    sum += boost::math::quadrature::gauss_kronrod<double, 15>::integrate(f, a, b, 0, 0);
  }
  return sum;
}

std::vector<double> observations(std::size_t count, double low, double high, unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i) {
    const double u = uniform(random);
    values.push_back(low + (high - low) * (i % 3 == 0 ? u * u * u : u));
  }
  if (count > 4) values[3] = values[2];  // twice the same
  if (count > 6) values[5] = low;
  return values;
}

TEST_CASE("a density of observations integrates to one over its interval, and is 0 outside") {
  for (const std::size_t count : {0, 1, 2, 7, 24, 25, 26, 90, 300}) {
    const ParzenDensity density(observations(count, -9.2, -4.6, 3), -9.2, -4.6);
    CHECK(integral(density, -9.2, -4.6) == Approx(1).epsilon(1e-9));
    CHECK(density.density(-9.21) == 0);
    CHECK(density.density(-4.59) == 0);
  }
}

TEST_CASE("without observations the density is the truncated prior") {
  const ParzenDensity density({}, 2, 6);
  const double width = 4;
  const double mass = std::erf(0.5 / std::sqrt(2.0));
  for (const double x : {2.0, 3.3, 4.0, 6.0})
    CHECK(density.density(x) ==
          Approx(std::exp(-0.5 * (x - 4) * (x - 4) / 16) / (width * std::sqrt(2 * M_PI) * mass)));
}

TEST_CASE("one observation: two kernels of equal weight") {
  // Sorted: 1 and the prior's 5; the observation's width is the distance 4.
  const ParzenDensity density({1}, 0, 10);
  const auto kernel = [](double x, double mean, double width) {
    const auto below = [&](double at) {
      return 0.5 * std::erfc(-(at - mean) / width / std::sqrt(2.0));
    };
    const double z = (x - mean) / width;
    return std::exp(-0.5 * z * z) / (width * std::sqrt(2 * M_PI) * (below(10) - below(0)));
  };
  for (const double x : {0.0, 1.0, 4.2, 10.0})
    CHECK(density.density(x) == Approx(0.5 * kernel(x, 1, 4) + 0.5 * kernel(x, 5, 10)));
}

TEST_CASE("draws follow the density") {
  const ParzenDensity density(observations(30, 0, 1, 5), 0, 1);
  std::mt19937_64 random(11);
  constexpr int count = 200'000;
  std::vector<double> part(10, 0.0);
  for (int i = 0; i < count; ++i) {
    const double x = density.draw(random);
    REQUIRE(x >= 0);
    REQUIRE(x <= 1);
    part[std::min<std::size_t>(9, static_cast<std::size_t>(x * 10))] += 1.0 / count;
  }
  for (std::size_t i = 0; i < 10; ++i) {
    const double expected =
        integral(density, static_cast<double>(i) / 10, static_cast<double>(i + 1) / 10);
    // Five standard deviations.
    CHECK(std::abs(part[i] - expected) < 5 * std::sqrt(expected * (1 - expected) / count));
  }
}

TEST_CASE("a choice counts its observations and one more for the prior") {
  const ParzenChoice choice({2, 0, 2}, 4);
  CHECK(choice.density(0) == Approx(1.25 / 4));
  CHECK(choice.density(1) == Approx(0.25 / 4));
  CHECK(choice.density(2) == Approx(2.25 / 4));
  CHECK(choice.density(3) == Approx(0.25 / 4));
  double sum = 0;
  const ParzenChoice many(std::vector<double>(40, 1), 3);
  for (std::size_t i = 0; i < 3; ++i) sum += many.density(i);
  CHECK(sum == Approx(1));
  std::mt19937_64 random(2);
  std::vector<int> drawn(4, 0);
  for (int i = 0; i < 40'000; ++i) ++drawn[choice.draw(random)];
  for (std::size_t i = 0; i < 4; ++i)
    CHECK(std::abs(drawn[i] / 40'000.0 - choice.density(i)) < 0.012);
}

}  // namespace
}  // namespace varia::sweep
