#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "analysis/grouping.hpp"
#include "analysis/replicates.hpp"
#include "results/merged/results.hpp"

namespace varia::analysis {

/// The values of one metric that a setting is judged by. Without pooled keys these are its seeds.
/// With pooled keys they are the values of these keys, each with the mean over its seeds:
/// replicates are averaged within a value before values are averaged.
struct Sample {
  /// Replicates that agree in the pooled keys.
  struct Place {
    std::vector<std::string> pooled;  ///< values of the pooled keys; empty without such keys
    Replicates replicates;
  };
  bool is_pooled = false;
  std::vector<Place> places;  ///< one without pooled keys

  /// NaN: a hole.
  std::vector<double> values() const;
  /// Replicates without a value, in all places.
  Holes holes() const;
  /// Sum of Replicates::repeated.
  std::size_t repeated() const;
};

/// @param values   [trial] of the whole file
/// @param expected numbers of replicates that every place is to have
Sample take_sample(const results::Results& results, std::span<const double> values,
                   const Group& group, const std::set<std::int64_t>& expected);

/// What two settings can be compared by, pair by pair: the seeds that both have; with pooled keys
/// the values that both have, each with the means over the seeds that both have there.
struct Pairs {
  std::vector<double> a;
  std::vector<double> b;
};
Pairs shared_values(const Sample& a, const Sample& b);

}  // namespace varia::analysis
