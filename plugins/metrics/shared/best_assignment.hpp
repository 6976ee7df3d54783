#pragma once

#include "contingency_table.hpp"

namespace varia::metrics {

/// The class of each category, no class twice, that makes most of the counted pairs agree; -1 for
/// the categories that are left over if there are more of them than classes.
///
/// Shortest augmenting paths, O(n^2 m) for n the smaller number and m the larger.
/// @see Kuhn 1955; Jonker & Volgenant 1987
std::vector<std::int64_t> best_assignment(const ContingencyTable& table);

/// The part of the counted pairs that agree under the best assignment; NaN for an empty table.
double cluster_accuracy(const ContingencyTable& table);

}  // namespace varia::metrics
