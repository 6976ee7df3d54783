#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace varia::metrics {

/// Classes of points by a vote among the k nearest known ones (Euclidean distance, equal weights),
/// as scikit-learn's KNeighborsClassifier: of classes with as many votes, the lowest wins. Of
/// points at one distance, the earlier is the nearer.
/// @see Cover & Hart 1967
/// @param known   [n, D], one row after another
/// @param labels  [n], none negative
/// @param queries [m, D]
/// @param k       at most n are asked
/// @returns       [m]
/// @throws Error  if there is no known point or a label is negative.
std::vector<std::int64_t> nearest_neighbour_classes(std::span<const double> known,
                                                    std::span<const std::int64_t> labels,
                                                    std::span<const double> queries,
                                                    std::int64_t dimensions, std::int64_t k);

}  // namespace varia::metrics
