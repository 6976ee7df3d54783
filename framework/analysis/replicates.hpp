#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "analysis/settings.hpp"
#include "results/merged/results.hpp"

namespace varia::analysis {

/// One seed of a setting.
struct Replicate {
  std::int64_t number = 0;
  std::uint64_t seed = 0;
  double value = 0;                      ///< NaN: a missing value
  std::vector<std::size_t> trials = {};  ///< rows of those whose mean it is; more than one if the
                                         ///< data or the program changed between them
};

/// Replicates without a value, by the reason.
struct MissingValues {
  std::size_t failed = 0;
  std::size_t partial = 0;        ///< in progress, interrupted, or stopped by a search
  std::size_t absent = 0;         ///< no such trial in the file
  std::size_t without_value = 0;  ///< done, but the metric has no value at its last epoch

  MissingValues& operator+=(const MissingValues& other);
  std::size_t total() const { return failed + partial + absent + without_value; }
  /// "1 failed, 2 missing"; "" if there are none.
  std::string text() const;
};

/// The replicates of one setting, or of those of its trials that agree in the pooled keys.
struct Replicates {
  std::vector<std::string> pooled;  ///< values of the pooled keys; empty without such keys
  std::vector<Replicate>
      list;  ///< by number, then seed; missing ones included if the seed is known
  MissingValues missing;
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

/// Values of two settings, pair by pair. Missing values are NaN.
struct PairedValues {
  std::vector<double> a;
  std::vector<double> b;
};

/// The values of two settings for the seeds that both have, in the same order.
PairedValues shared_seeds(const Replicates& a, const Replicates& b);

/// The values of one metric that a setting is judged by. Without pooled keys these are its seeds.
/// With pooled keys they are the values of these keys, each with the mean over its seeds:
/// replicates are averaged within a value before values are averaged.
struct Sample {
  bool is_pooled = false;
  std::vector<Replicates> places;  ///< by the values of the pooled keys; one without such keys

  /// NaN: a missing value.
  std::vector<double> values() const;
  /// Replicates without a value, in all places.
  MissingValues missing() const;
  /// Sum of Replicates::repeated.
  std::size_t repeated() const;
};

/// @param values   [trial] of the whole file
/// @param expected numbers of replicates that every place is to have
Sample take_sample(const results::Results& results, std::span<const double> values,
                   const Setting& group, const std::set<std::int64_t>& expected);

/// What two settings can be compared by, pair by pair: the seeds that both have; with pooled keys
/// the values that both have, each with the means over the seeds that both have there.
PairedValues shared_values(const Sample& a, const Sample& b);

}  // namespace varia::analysis
