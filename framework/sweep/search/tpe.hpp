#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace varia::sweep {

/// A number of [0, 1), the same on every machine.
double uniform(std::mt19937_64& random);

/// The density of observations in an interval: a mixture of one Gaussian at each observation and
/// one wide Gaussian at the middle, the prior, each truncated to the interval (Bergstra et al.
/// 2011, section 4.2; the widths as Optuna sets them: the larger distance to a neighbour, but at
/// least (high - low) / min(100, n + 2)). Of more than 25 observations the oldest weigh less.
class ParzenDensity {
 public:
  /// @param observations in [low, high], the oldest first; may be none
  ParzenDensity(const std::vector<double>& observations, double low, double high);

  double density(double x) const;
  double draw(std::mt19937_64& random) const;

 private:
  struct Kernel {
    double weight, mean, width;
    double below, mass;  // of the Gaussian: under `low`, and in the interval
  };
  std::vector<Kernel> kernels_;
  double low_, high_;
};

/// The same for a choice of `count` values: how often each was observed, and one more observation,
/// the prior, spread over all of them.
class ParzenChoice {
 public:
  /// @param observations places in the choice, from 0, the oldest first
  ParzenChoice(const std::vector<double>& observations, std::size_t count);

  double density(std::size_t place) const { return probabilities_.at(place); }
  std::size_t draw(std::mt19937_64& random) const;

 private:
  std::vector<double> probabilities_;
};

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
/// tried, the best are told from the others; points are proposed at which the density of the best
/// is high against that of the others. Every coordinate is drawn by itself.
class Tpe {
 public:
  /// More points are never good.
  static constexpr std::size_t kMostGood = 25;

  /// @param candidates values drawn for each coordinate, of which one is proposed
  /// @param gamma      the part of the points that is good
  explicit Tpe(std::vector<TpeRange> space, std::int64_t candidates = 24, double gamma = 0.1)
      : space_(std::move(space)), candidates_(candidates), gamma_(gamma) {}

  /// A point in the space.
  /// @param results the oldest first; equal values rank in this order
  /// @param stream names the random numbers to use: equal arguments give equal points
  std::vector<double> propose(const std::vector<TpeResult>& results, std::uint64_t stream) const;

  /// How many of `results` are good.
  std::size_t good_count(std::size_t results) const;

 private:
  std::vector<TpeRange> space_;
  std::int64_t candidates_;
  double gamma_;
};

}  // namespace varia::sweep
