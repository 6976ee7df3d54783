#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <span>
#include <vector>

/// Estimates of where values lie, and how sure they are. No value may be NaN unless it says so;
/// infinite ones are values like others.
namespace varia::statistics {

/// A confidence interval; both ends are NaN if there is none.
struct Interval {
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
};

/// NaN of no values.
double mean(std::span<const double> values);

/// With n - 1 in the denominator; NaN of fewer than two values.
double standard_deviation(std::span<const double> values);

/// The mean of what is left when floor(n / 4) values are dropped at each end, as SciPy's
/// trim_mean(values, 0.25); below four values the mean. NaN of no values.
double interquartile_mean(std::span<const double> values);

/// Linear between the sorted values, as NumPy's default.
/// @param sorted ascending, at least one
/// @param q      in [0, 1]
double quantile(std::span<const double> sorted, double q);

/// Student's interval of the mean: mean +- t(n - 1) s / sqrt(n). None below two values, and none
/// if a value is infinite.
/// @param confidence in (0, 1)
Interval student_interval(std::span<const double> values, double confidence = 0.95);

/// The percentile bootstrap of the inter-quartile mean (Efron 1979; Agarwal et al. 2021) for
/// samples of one size.
///
/// Resamples of sorted values differ only in how often each value is drawn. What that makes of the
/// inter-quartile mean is a weight for each value, the same for all samples of the size; so the
/// weights are found once, and an interval costs `resamples` scalar products.
class IqmBootstrap {
 public:
  static constexpr std::size_t kResamples = 2000;

  /// @param count values in a sample, at least 1
  explicit IqmBootstrap(std::size_t count, std::size_t resamples = kResamples,
                        std::uint64_t seed = 0);

  /// @param values `count` of them, none NaN, in any order
  /// @returns none if a value is infinite
  Interval interval(std::span<const double> values, double confidence = 0.95) const;

 private:
  void draw(std::mt19937_64& engine, std::span<double> weights) const;

  std::size_t count_;
  std::size_t resamples_;
  std::uint64_t seed_;
  std::vector<double> weights_;  // [resamples, count]; empty if they would take much memory
};

/// Which estimate stands in the middle of a summary.
enum class Centre { mean, interquartile_mean };

/// The values of the replicates of one setting, in short.
struct Summary {
  std::size_t count = 0;    ///< values that are there
  std::size_t missing = 0;  ///< values that are NaN
  Centre kind = Centre::mean;
  double centre = std::numeric_limits<double>::quiet_NaN();  ///< NaN of no values
  Interval interval;                                         ///< of 95%; none of fewer than two
};

/// Values from this number on are summarised by the inter-quartile mean and its percentile
/// bootstrap interval; fewer by the mean and Student's interval, since the bootstrap of three
/// values covers the truth in 76 of 100 cases only.
constexpr std::size_t kBootstrapFrom = 10;

/// The estimate for so many values.
Centre centre_of(std::size_t count);

/// Summarises many groups of values; keeps what groups of one size share. Not for use by several
/// threads at once.
class Summariser {
 public:
  /// @param values NaN: a missing value, which is counted and left out
  Summary operator()(std::span<const double> values);
  /// The same with this estimate, however many values there are.
  Summary operator()(std::span<const double> values, Centre centre);

 private:
  std::map<std::size_t, IqmBootstrap> bootstraps_;  // by the number of values
};

}  // namespace varia::statistics
