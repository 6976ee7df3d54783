#pragma once

#include "varia/tensor.hpp"

// How far apart the distributions of two sets of points are, the features of real and of generated
// images.

namespace varia::metrics {

/// The Fréchet distance of two Gaussians with the points' means and covariances, as the field
/// reports it: the square of the distance, |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^1/2).
/// @param x, y [n, D] and [m, D], n and m at least 2
/// @returns    a scalar, float64 on the CPU, in squared units of the points; never negative up to
///             rounding
/// @see Dowson & Landau 1982; Heusel et al. 2017
Tensor frechet_distance(const Tensor& x, const Tensor& y);

/// The squared maximum mean discrepancy for the kernel (x y^T / D + 1)^3, without the pairs of a
/// point and itself: its mean is the truth, and single values may be negative.
/// @param x, y [n, D] and [m, D], n and m at least 2
/// @returns    a scalar, float64 on the CPU
/// @see Bińkowski et al. 2018; Gretton et al. 2012, equation 3
Tensor kernel_distance(const Tensor& x, const Tensor& y);

/// How well generated points cover the real ones, by balls around each point that reach to its
/// nearest neighbours of the same set.
struct Overlap {
  double precision;  ///< part of the generated points in a ball of a real point
  double recall;     ///< part of the real points in a ball of a generated point
  double density;  ///< balls of real points around a generated point, on average, over `neighbours`
  double coverage;  ///< part of the real points whose ball has a generated point
};

/// @param real, generated [n, D] and [m, D]
/// @param neighbours      k, less than n and m; a point on the edge of a ball is not in it
/// @see Kynkäänniemi et al. 2019 for precision and recall; Naeem et al. 2020 for the others
Overlap overlap(const Tensor& real, const Tensor& generated, std::int64_t neighbours);

}  // namespace varia::metrics
