#include "nearest_neighbours.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "varia/error.hpp"
#include "varia/vectorise.hpp"

namespace varia::metrics {

namespace {

/// Squared distances from one query to all points.
/// @param columns [D, n], so that the inner loop runs over points side by side in memory
VARIA_VECTORISED void squared_distances(const double* columns, std::size_t n, const double* query,
                                        std::size_t dimensions, double* distances) {
  for (std::size_t i = 0; i < n; ++i) distances[i] = 0;
  for (std::size_t d = 0; d < dimensions; ++d) {
    const double* column = columns + d * n;
    const double at = query[d];
    for (std::size_t i = 0; i < n; ++i) {
      const double apart = column[i] - at;
      distances[i] += apart * apart;
    }
  }
}

}  // namespace

std::vector<std::int64_t> nearest_neighbour_classes(std::span<const double> known,
                                                    std::span<const std::int64_t> labels,
                                                    std::span<const double> queries,
                                                    std::int64_t dimensions, std::int64_t k) {
  const auto width = static_cast<std::size_t>(dimensions);
  const auto n = labels.size();
  if (n == 0 || *std::min_element(labels.begin(), labels.end()) < 0)
    throw Error("nearest neighbours: expected at least one known point, and labels from 0 on");
  std::vector<double> columns(known.size());
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t d = 0; d < width; ++d) columns[d * n + i] = known[i * width + d];

  const auto asked = std::min(static_cast<std::size_t>(k), n);
  std::vector<double> distances(n);
  std::vector<std::pair<double, std::size_t>> nearest;  // sorted, at most `asked`
  std::vector<std::int64_t> classes(queries.size() / width);
  for (std::size_t query = 0; query < classes.size(); ++query) {
    squared_distances(columns.data(), n, queries.data() + query * width, width, distances.data());
    nearest.clear();
    for (std::size_t i = 0; i < n; ++i) {
      if (nearest.size() == asked) {
        if (!(distances[i] < nearest.back().first)) continue;
        nearest.pop_back();
      }
      const std::pair<double, std::size_t> one{distances[i], i};
      nearest.insert(std::upper_bound(nearest.begin(), nearest.end(), one), one);
    }
    std::map<std::int64_t, int> votes;
    for (const auto& [distance, i] : nearest) ++votes[labels[i]];
    // The first of the largest: maps are in order of their keys.
    classes[query] = std::max_element(votes.begin(), votes.end(), [](const auto& a, const auto& b) {
                       return a.second < b.second;
                     })->first;
  }
  return classes;
}

}  // namespace varia::metrics
