#pragma once

#include "varia/draw.hpp"

namespace varia::densities {

/// Points in groups, each with the mean of its points.
struct Clusters {
  Tensor centres;  ///< [K, D] float64
  Tensor labels;   ///< [N] int64, the nearest centre of each point
  double inertia;  ///< the sum of the points' squared distances from these
};

/// K centres by k-means++ (Arthur & Vassilvitskii 2007), moved by at most `rounds` rounds of
/// Lloyd's algorithm (Lloyd 1982). A cluster that loses all its points gets the point that is
/// farthest from its centre; if there are fewer than K different points, some stay empty.
/// @param points [N, D] float64 on the CPU, N >= K
Clusters k_means(const Tensor& points, std::int64_t count, Draw& draw, int rounds = 100);

}  // namespace varia::densities
