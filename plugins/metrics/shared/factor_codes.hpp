#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace varia::metrics {

/// Codes of images whose factors of variation are known.
struct FactorCodes {
  std::size_t count = 0;              ///< n
  std::size_t dimensions = 0;         ///< D
  std::size_t factor_count = 0;       ///< F
  std::vector<double> points;         ///< [n, D], one row after another
  std::vector<std::int64_t> factors;  ///< [n, F], each factor's values counted from 0

  double point(std::size_t i, std::size_t d) const { return points[i * dimensions + d]; }
  std::int64_t factor(std::size_t i, std::size_t f) const { return factors[i * factor_count + f]; }
  /// One more than the largest value of a factor.
  std::int64_t values(std::size_t f) const;
};

/// Codes and factors as they come: any real number can be a factor's value; equal ones are one.
/// @param points  [n, D], one row after another
/// @param factors [n, F]
/// @throws Error if the sizes do not belong together, one is 0, or a number is NaN.
FactorCodes factor_codes(std::vector<double> points, const std::vector<float>& factors,
                         std::size_t count);

}  // namespace varia::metrics
