#pragma once

#include <cstdint>
#include <vector>

namespace varia::metrics {

/// How often each category met each class, and what the two tell of each other. Logarithms are
/// natural: everything is in nats.
class ContingencyTable {
 public:
  /// @throws Error if it would have no row, no column, or more than ten million cells.
  ContingencyTable(std::int64_t categories, std::int64_t classes);

  /// @param times how often they met
  /// @throws Error if there is no such category or class, or `times` is negative.
  void add(std::int64_t category, std::int64_t label, std::int64_t times = 1);

  std::int64_t categories() const { return categories_; }
  std::int64_t classes() const { return classes_; }
  std::int64_t count(std::int64_t category, std::int64_t label) const;
  /// Of all cells.
  std::int64_t total() const { return total_; }

  /// 0 for an empty table, as the two below.
  double category_entropy() const;
  double class_entropy() const;
  /// Of the empirical distribution; never negative.
  double mutual_information() const;
  /// Mutual information over the mean of the two entropies (arithmetic normalisation), as
  /// scikit-learn's normalized_mutual_info_score: 1 if both are constant, 0 if one is.
  double normalised_mutual_information() const;
  /// How far the pairs of counted things agree that are together, or apart, in both categories and
  /// classes: 1 at best, 0 on average by chance; as scikit-learn's adjusted_rand_score.
  /// @see Hubert & Arabie 1985
  double adjusted_rand_index() const;

 private:
  std::vector<std::int64_t> category_counts() const;
  std::vector<std::int64_t> class_counts() const;

  std::int64_t categories_;
  std::int64_t classes_;
  std::int64_t total_ = 0;
  std::vector<std::int64_t> counts_;  // [categories, classes]
};

/// The class of each category, no class twice, that makes most of the counted pairs agree; -1 for
/// the categories that are left over if there are more of them than classes.
///
/// Shortest augmenting paths, O(n^2 m) for n the smaller number and m the larger.
/// @see Kuhn 1955; Jonker & Volgenant 1987
std::vector<std::int64_t> best_assignment(const ContingencyTable& table);

/// The part of the counted pairs that agree under the best assignment; NaN for an empty table.
double cluster_accuracy(const ContingencyTable& table);

}  // namespace varia::metrics
