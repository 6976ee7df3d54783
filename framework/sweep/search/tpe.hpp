#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace varia::search {

/// One coordinate of the space: an interval, or a choice.
struct TpeRange {
  double low = 0;
  double high = 1;
  std::size_t choices = 0;  ///< 0: an interval; else a choice of places 0, 1, ...
};

/// A point that was tried.
struct TpeResult {
  std::vector<double> at;  ///< its coordinates
  double value = 0;        ///< less is better; what is not finite ranks last
};

/// The tree-structured Parzen estimator (Bergstra et al. 2011, section 4): of the points that were
/// tried, the best are told from the others; a point is proposed where the density of the best is
/// high against that of the others. Every coordinate is drawn by itself.
class Tpe {
 public:
  struct Options {
    std::size_t candidates = 24;  ///< drawn for each coordinate, of which the best one is taken
    double gamma = 0.1;           ///< the part of the points that is good, rounded up
  };
  /// More points are never good.
  static constexpr std::size_t kMostGood = 25;

  Tpe(std::vector<TpeRange> space, const Options& options);

  /// A point in the space.
  /// @param results the oldest first; equal values rank in this order
  /// @param stream names the random numbers to use: equal arguments give equal points
  std::vector<double> propose(const std::vector<TpeResult>& results, std::uint64_t stream) const;

  /// How many of `results` are good.
  std::size_t good_count(std::size_t results) const;

 private:
  std::vector<TpeRange> space_;
  Options options_;
};

}  // namespace varia::search
