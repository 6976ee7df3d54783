#pragma once

#include <cstddef>
#include <map>
#include <span>

#include "analysis/statistics/interval.hpp"
#include "analysis/statistics/iqm_bootstrap.hpp"

namespace varia::statistics {

/// Which estimate stands in the middle of a summary.
enum class Centre { mean, interquartile_mean };

/// The values of the replicates of one setting, in short.
struct Summary {
  std::size_t count = 0;  ///< values that are there
  std::size_t holes = 0;  ///< values that are NaN
  Centre kind = Centre::mean;
  double centre = std::numeric_limits<double>::quiet_NaN();  ///< NaN where there are no values
  Interval interval;                                         ///< of 95%; none of fewer than two
};

/// Values from this number on are summarised by the inter-quartile mean and its percentile
/// bootstrap interval; fewer by the mean and Student's interval, since the bootstrap of three
/// values covers the truth in 76 of 100 cases only.
constexpr std::size_t kBootstrapFrom = 10;

/// Summarises many groups of values; keeps what groups of one size share. Not for use by several
/// threads at once.
class Summariser {
 public:
  /// @param values NaN: a hole, which is counted and left out
  Summary operator()(std::span<const double> values);

 private:
  std::map<std::size_t, IqmBootstrap> bootstraps_;  // by the number of values
};

}  // namespace varia::statistics
