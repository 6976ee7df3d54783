#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace varia::search {

/// Numbers of [0, 1), the same on every machine.
class Uniform {
 public:
  explicit Uniform(std::uint64_t seed) : engine_(seed) {}
  double operator()();

 private:
  std::mt19937_64 engine_;
};

/// The density of observations in an interval: a mixture of one Gaussian at each observation and
/// one wide Gaussian at the middle, the prior, each truncated to the interval (Bergstra et al.
/// 2011, section 4.2; the widths as Optuna sets them: the larger distance to a neighbour, but at
/// least (high - low) / min(100, n + 2)). Of more than 25 observations the oldest weigh less.
class ParzenDensity {
 public:
  /// @param observations in [low, high], the oldest first; may be none
  ParzenDensity(const std::vector<double>& observations, double low, double high);

  double density(double x) const;
  double draw(Uniform& uniform) const;

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
  ParzenChoice(const std::vector<std::size_t>& observations, std::size_t count);

  double probability(std::size_t place) const { return probabilities_.at(place); }
  std::size_t draw(Uniform& uniform) const;

 private:
  std::vector<double> probabilities_;
};

}  // namespace varia::search
