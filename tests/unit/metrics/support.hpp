#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "factor_codes.hpp"

namespace varia::test {

/// n numbers in [0, k) by a linear congruential generator that is quick to write in any language:
///
///     s = seed; each: s = (1103515245 * s + 12345) % 2**31; number = (s >> 16) % k
inline std::vector<std::int64_t> stream(std::int64_t n, std::int64_t k, std::int64_t seed) {
  std::vector<std::int64_t> numbers;
  for (auto s = seed; n > 0; --n) {
    s = (1103515245 * s + 12345) % (std::int64_t{1} << 31);
    numbers.push_back((s >> 16) % k);
  }
  return numbers;
}

/// Every combination of `sizes` values, `repeat` times, with factors as codes: dimension f is
/// factor f from -1 to 1.
inline metrics::FactorCodes planted(const std::vector<std::int64_t>& sizes, int repeat) {
  std::vector<double> points;
  std::vector<float> factors;
  std::int64_t combinations = 1;
  for (const auto size : sizes) combinations *= size;
  for (int r = 0; r < repeat; ++r)
    for (std::int64_t i = 0; i < combinations; ++i) {
      auto rest = i;
      for (const auto size : sizes) {
        const auto value = rest % size;
        rest /= size;
        factors.push_back(static_cast<float>(value));
        points.push_back(2.0 * static_cast<double>(value) / static_cast<double>(size - 1) - 1);
      }
    }
  return metrics::factor_codes(points, factors, static_cast<std::size_t>(combinations * repeat));
}

/// The identity data of disentanglement_lib: codes that are the factors themselves, ten of them
/// with ten values each, drawn independently.
inline metrics::FactorCodes identity(std::size_t count, unsigned seed = 1) {
  std::mt19937 generator(seed);
  std::vector<double> points;
  std::vector<float> factors;
  for (std::size_t i = 0; i < count * 10; ++i) {
    const auto value = generator() % 10;
    points.push_back(static_cast<double>(value));
    factors.push_back(static_cast<float>(value));
  }
  return metrics::factor_codes(points, factors, count);
}

/// Each dimension twice.
inline metrics::FactorCodes duplicated(metrics::FactorCodes codes) {
  std::vector<double> points;
  for (std::size_t i = 0; i < codes.count; ++i)
    for (std::size_t d = 0; d < 2 * codes.dimensions; ++d)
      points.push_back(codes.point(i, d % codes.dimensions));
  codes.dimensions *= 2;
  codes.points = points;
  return codes;
}

/// Codes that are all zero.
inline metrics::FactorCodes zeros(metrics::FactorCodes codes) {
  std::ranges::fill(codes.points, 0);
  return codes;
}

inline metrics::FillUniform uniform_numbers(std::mt19937& generator) {
  return [&generator](std::span<float> out) {
    std::uniform_real_distribution<float> uniform(0, 1);
    for (auto& number : out) number = uniform(generator);
  };
}

/// @param rows [D, F]
inline metrics::FactorMatrix factor_matrix(const std::vector<std::vector<double>>& rows) {
  metrics::FactorMatrix matrix(rows.size(), rows.front().size());
  for (std::size_t d = 0; d < rows.size(); ++d)
    for (std::size_t f = 0; f < rows[d].size(); ++f) matrix(d, f) = rows[d][f];
  return matrix;
}

/// Dimension d tells of factor f alone if d and f are the same modulo 5, and as much as others do.
inline metrics::FactorMatrix diagonals(std::size_t dimensions, std::size_t factors) {
  metrics::FactorMatrix matrix(dimensions, factors);
  for (std::size_t d = 0; d < dimensions; ++d)
    for (std::size_t f = 0; f < factors; ++f) matrix(d, f) = d % 5 == f % 5 ? 5 : 0;
  return matrix;
}

/// Dimensions a and b turned by 45 degrees.
inline void rotate(metrics::FactorCodes& codes, std::size_t a, std::size_t b) {
  for (std::size_t i = 0; i < codes.count; ++i) {
    auto& x = codes.points[i * codes.dimensions + a];
    auto& y = codes.points[i * codes.dimensions + b];
    const double sum = x + y, difference = x - y;
    x = sum / std::sqrt(2.0);
    y = difference / std::sqrt(2.0);
  }
}

/// Dimension d becomes dimension order[d]; its sign and scale change.
inline void permute(metrics::FactorCodes& codes, const std::vector<std::size_t>& order) {
  const auto old = codes.points;
  for (std::size_t i = 0; i < codes.count; ++i)
    for (std::size_t d = 0; d < order.size(); ++d)
      codes.points[i * codes.dimensions + order[d]] =
          (d % 2 == 0 ? -3.0 : 0.5) * old[i * codes.dimensions + d];
}

/// The codes twice, the second time with one more value of a factor, which all of them have.
inline metrics::FactorCodes with_unseen(metrics::FactorCodes codes, std::size_t factor) {
  const auto points = codes.points;
  auto factors = codes.factors;
  const auto unseen = codes.values(factor);
  for (std::size_t i = 0; i < codes.count; ++i) factors[i * codes.factor_count + factor] = unseen;
  codes.points.insert(codes.points.end(), points.begin(), points.end());
  codes.factors.insert(codes.factors.end(), factors.begin(), factors.end());
  codes.count *= 2;
  return codes;
}

/// Codes that know nothing of the factors.
inline void randomise(metrics::FactorCodes& codes, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal;
  for (auto& number : codes.points) number = normal(generator);
}

}  // namespace varia::test
