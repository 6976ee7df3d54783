#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

/// Scores of codes against the known factors of generated data.
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

/// The codes [begin, end) of `codes`, whose factors keep their values.
FactorCodes slice(const FactorCodes& codes, std::size_t begin, std::size_t end);

/// Which factors have more than one value among the codes, in their order.
std::vector<std::size_t> varying_factors(const FactorCodes& codes);

/// `codes` with the chosen factors alone.
FactorCodes with_factors(const FactorCodes& codes, const std::vector<std::size_t>& chosen);

/// Places of codes.
using Places = std::vector<std::size_t>;

/// The codes that share a value of a factor, for each value that at least so many have.
std::vector<Places> places_by_value(const FactorCodes& codes, std::size_t factor,
                                    std::size_t at_least);

/// Which of the judged codes have a value of the factor that some code of `train` has: what is
/// learned from these can be asked of no other.
Places places_of_known_values(const FactorCodes& train, const FactorCodes& judged,
                              std::size_t factor);

/// A number for each dimension and factor: what the one tells of the other, say.
struct FactorMatrix {
  FactorMatrix(std::size_t dimension_count, std::size_t factor_count);
  double operator()(std::size_t d, std::size_t f) const { return values[d * factors + f]; }
  double& operator()(std::size_t d, std::size_t f) { return values[d * factors + f]; }

  std::size_t dimensions;      ///< D
  std::size_t factors;         ///< F
  std::vector<double> values;  ///< [D, F], one row after another
};

/// The two largest of some numbers that are not negative.
struct TopTwo {
  double first = 0;
  double second = 0;
  int known = 0;            ///< how many numbers there were
  void add(double number);  ///< NaN is none
  /// By how much the largest leads. NaN if there is no second: against nothing, the largest would
  /// pass for a lead.
  double gap() const;
};

/// The mean of the numbers that are not NaN; NaN if all are.
double mean_of_known(const std::vector<double>& numbers);

/// Fills a span with independent numbers, uniform in (0, 1).
using FillUniform = std::function<void(std::span<float>)>;

/// The place in [0, size) that a number in (0, 1) stands for, each as probable.
std::size_t place(float uniform, std::size_t size);

}  // namespace varia::metrics
