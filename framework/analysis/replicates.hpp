#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "results/merged/results.hpp"

namespace varia::analysis {

/// One seed of a setting.
struct Replicate {
  std::int64_t number = 0;
  std::uint64_t seed = 0;
  double value = 0;  ///< NaN: a hole
};

/// Replicates without a value, by the reason.
struct Holes {
  std::size_t failed = 0;
  std::size_t partial = 0;        ///< under way, interrupted, or stopped by a search
  std::size_t missing = 0;        ///< no such trial in the file
  std::size_t without_value = 0;  ///< done, but the metric has no value at its last epoch

  Holes& operator+=(const Holes& other);
  std::size_t total() const { return failed + partial + missing + without_value; }
  /// "1 failed, 2 missing"; "" without holes.
  std::string text() const;
};

/// The replicates of one setting.
struct Replicates {
  std::vector<Replicate> list;  ///< by number, then seed; holes included where the seed is known
  Holes holes;
  /// Seeds that have several trials: the data or the program changed between them. Their mean is
  /// taken.
  std::size_t repeated = 0;

  /// The values of `list`.
  std::vector<double> values() const;
};

/// Gathers the replicates of a setting. Only trials that are done have a value.
/// @param values   [trial] of the whole file
/// @param trials   rows of the setting
/// @param expected numbers of replicates that the setting is to have
Replicates gather_replicates(const results::Results& results, std::span<const double> values,
                             const std::vector<std::size_t>& trials,
                             const std::set<std::int64_t>& expected);

/// The values of two settings for the seeds that both have, in the same order. Holes are NaN.
struct SharedSeeds {
  std::vector<double> a;
  std::vector<double> b;
};
SharedSeeds shared_seeds(const Replicates& a, const Replicates& b);

}  // namespace varia::analysis
