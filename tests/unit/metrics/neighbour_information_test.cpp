#include "neighbour_information.hpp"

#include <cmath>
#include <numbers>

#include "support.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

metrics::FactorInformation information(const metrics::FactorCodes& codes, std::int64_t k = 3) {
  std::mt19937 generator(1);
  return metrics::neighbour_information(codes, k, uniform_numbers(generator));
}

/// Codes of one dimension: the factor, which has so many values, and noise.
metrics::FactorCodes noisy(std::size_t count, std::uint64_t values, double noise) {
  std::mt19937 generator(7);
  std::normal_distribution<double> normal;
  std::vector<double> points;
  std::vector<float> factors;
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = generator() % values;
    points.push_back(static_cast<double>(value) + noise * normal(generator));
    factors.push_back(static_cast<float>(value));
  }
  return metrics::factor_codes(points, factors, count);
}

/// I(z; v) of a fair coin v and z = v + noise, by quadrature.
double of_coin(double noise) {
  const auto density = [&](double z, double mean) {
    return std::exp(-0.5 * std::pow((z - mean) / noise, 2)) /
           (noise * std::sqrt(2 * std::numbers::pi));
  };
  constexpr double kStep = 1e-3;
  double sum = 0;
  for (double z = -20; z < 20; z += kStep) {
    const double zero = density(z, 0), one = density(z, 1), both = (zero + one) / 2;
    if (zero > 1e-200) sum += zero / 2 * std::log(zero / both) * kStep;
    if (one > 1e-200) sum += one / 2 * std::log(one / both) * kStep;
  }
  return sum;
}

}  // namespace

TEST_CASE("neighbours tell the information of a coin with noise as quadrature does") {
  for (const double noise : {0.2, 0.5, 1.0})
    CHECK(std::abs(information(noisy(20'000, 2, noise)).nats(0, 0) - of_coin(noise)) < 0.01);
}

TEST_CASE("neighbours tell all of a factor that a dimension is, however many values it has") {
  const auto found = information(noisy(10'000, 50, 0));
  CHECK(found.nats(0, 0) == Approx(found.entropies[0]).epsilon(1e-3));
  CHECK(found.entropies[0] == Approx(std::log(50)).epsilon(1e-2));
}

TEST_CASE(
    "neighbours tell nothing of what is independent, of zeros, and of a factor that is constant") {
  auto codes = planted({4, 3}, 200);
  CHECK(information(codes).nats(0, 1) < 0.02);
  CHECK(information(zeros(codes)).nats.values == std::vector<double>(4, 0));
  for (std::size_t i = 0; i < codes.count; ++i) codes.factors[i * 2] = 0;
  const auto found = information(codes);
  CHECK(found.nats(0, 0) == 0);
  CHECK(found.entropies[0] == 0);
}

TEST_CASE(
    "the gap by neighbours is near one for identity data, and zero for zeros and duplicates") {
  const auto gap = [](const metrics::FactorCodes& codes) {
    return metrics::mean_of_known(metrics::mutual_information_gaps(information(codes)));
  };
  const auto codes = identity(3000);
  CHECK(gap(codes) >= 0.9);
  CHECK(gap(zeros(codes)) == 0);
  CHECK(gap(duplicated(codes)) < 0.01);
}

TEST_CASE("values with fewer codes than neighbours are told by those there are") {
  // Three pairs of codes and one that is alone, which is left out: k is 1, and each code's
  // neighbour is nearer than any other.
  const auto codes = metrics::factor_codes({0, 0.1, 5, 5.1, 9, 9.1, 20}, {0, 0, 1, 1, 2, 2, 3}, 7);
  // psi(6) + psi(1) - psi(2) - psi(1)
  CHECK(information(codes, 5).nats(0, 0) == Approx(1.0 / 2 + 1.0 / 3 + 1.0 / 4 + 1.0 / 5));
}
