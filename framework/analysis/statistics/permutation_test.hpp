#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "analysis/statistics/estimates.hpp"

namespace varia::statistics {

/// What two settings differ by over the seeds that they share.
struct PairedDifference {
  std::size_t pairs = 0;  ///< pairs of which both values are finite; the others do not count
  /// The estimate of a less that of b, means unless said otherwise; NaN without a pair.
  double centre = std::numeric_limits<double>::quiet_NaN();
  Interval interval;  ///< of 95%, Student's of the mean; none of fewer than two pairs
  double p = std::numeric_limits<double>::quiet_NaN();  ///< two-sided; NaN without a pair
  /// The smallest p that so many pairs can have: 2^(1 - pairs), or what random flips resolve.
  double smallest_p = std::numeric_limits<double>::quiet_NaN();
  bool exact = true;  ///< all flips were counted, none drawn
};

/// Pairs up to which all sign flips are counted.
constexpr std::size_t kExactPairs = 32;

/// The paired permutation test of the mean difference: if the two settings were the same, each
/// difference could as well have the other sign (Fisher 1935). p is the part of all 2^n flips whose
/// mean is at least as far from 0. Up to `exact_pairs` pairs (at most kExactPairs) they are all
/// counted, in O(2^(n/2)) time and memory, from the sorted sums of each half; beyond, `flips`
/// random ones, and p = (1 + hits) / (1 + flips) (Phipson & Smyth 2010).
/// @param a, b   of equal length; a[i] and b[i] have the same seed
/// @param seed   of the random flips
PairedDifference paired_difference(std::span<const double> a, std::span<const double> b,
                                   std::size_t exact_pairs = kExactPairs,
                                   std::size_t flips = 100000, std::uint64_t seed = 0);

/// The same for the difference of inter-quartile means: the interval is the percentile bootstrap
/// over pairs, and p is the part of the flips, each of which exchanges the two values of some
/// pairs, whose difference is at least as far from 0.
/// @param exact_pairs pairs up to which all flips are counted, in O(2^n) time; at most kExactPairs
PairedDifference paired_interquartile_difference(std::span<const double> a,
                                                 std::span<const double> b,
                                                 std::size_t exact_pairs = 12,
                                                 std::size_t flips = 5000, std::uint64_t seed = 0);

/// p values corrected for having made several tests (Holm 1979): the chance of any false rejection
/// stays below the level, whatever depends on what. In the order given; NaN, a test that was not
/// made, stays NaN and does not count.
std::vector<double> holm(std::span<const double> p_values);

}  // namespace varia::statistics
