#include "k_means.hpp"

#include <ATen/Functions.h>

#include "points.hpp"

namespace varia::densities {

namespace {

/// @param centre [D]
/// @returns      [N]
Tensor squared_distances(const Tensor& points, const Tensor& centre) {
  const auto result = at::empty({points.size(0)}, torch::kDouble);
  in_parts(points.size(0), points.size(1), kPart, [&](std::int64_t begin, std::int64_t end) {
    const auto part = points.slice(0, begin, end) - centre;
    result.slice(0, begin, end).copy_(part.square_().sum(1));
  });
  return result;
}

Tensor start(const Tensor& points, std::int64_t count, Draw& draw) {
  auto chosen = draw_index(at::ones({points.size(0)}, torch::kDouble), 1, draw);
  auto nearest = squared_distances(points, points[chosen.item<std::int64_t>()]);
  while (chosen.size(0) < count) {
    // Where every point is a centre already, any will do.
    const bool spread = nearest.max().item<double>() > 0;
    const auto next = draw_index(spread ? nearest : at::ones_like(nearest), 1, draw);
    nearest = at::minimum(nearest, squared_distances(points, points[next.item<std::int64_t>()]));
    chosen = at::cat({chosen, next});
  }
  return points.index_select(0, chosen);
}

struct Nearest {
  Tensor labels;     // [N]
  Tensor distances;  // [N], squared
};

Nearest nearest_centres(const Tensor& points, const Tensor& centres) {
  Nearest result{at::zeros({points.size(0)}, torch::kLong), squared_distances(points, centres[0])};
  for (std::int64_t k = 1; k < centres.size(0); ++k) {
    const auto distances = squared_distances(points, centres[k]);
    result.labels.masked_fill_(distances < result.distances, k);
    result.distances = at::minimum(result.distances, distances);
  }
  return result;
}

/// Means of the points of each label.
Tensor means_of(const Tensor& points, const Nearest& nearest, const Tensor& before) {
  const auto count = before.size(0);
  const auto sizes = at::bincount(nearest.labels, {}, count);
  auto centres = at::zeros_like(before).index_add_(0, nearest.labels, points);
  centres /= sizes.clamp_min(1).to(torch::kDouble).unsqueeze(1);
  auto distances = nearest.distances.clone();
  for (std::int64_t k = 0; k < count; ++k) {
    if (sizes[k].item<std::int64_t>() > 0) continue;
    const auto farthest = distances.argmax().item<std::int64_t>();
    const bool spread = distances[farthest].item<double>() > 0;
    centres[k].copy_(spread ? points[farthest] : before[k]);
    distances[farthest].fill_(0);
  }
  return centres;
}

}  // namespace

Clusters k_means(const Tensor& points, std::int64_t count, Draw& draw, int rounds) {
  auto centres = start(points, count, draw);
  auto nearest = nearest_centres(points, centres);
  for (int round = 0; round < rounds; ++round) {
    centres = means_of(points, nearest, centres);
    const auto labels = nearest.labels;
    nearest = nearest_centres(points, centres);
    if (at::equal(labels, nearest.labels)) break;
  }
  return {centres, nearest.labels, nearest.distances.sum().item<double>()};
}

}  // namespace varia::densities
