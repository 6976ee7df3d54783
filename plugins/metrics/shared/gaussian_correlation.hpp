#pragma once

#include "varia/tensor.hpp"

// How far the dimensions of codes are from independent, as a Gaussian of their covariance tells it
// (Locatello et al. 2019).

namespace varia::metrics {

/// @param points [n, D]
/// @returns      [D, D] float64 on the CPU; NaN if n is 1
Tensor covariance(const Tensor& points);

/// The trace of the square root of a symmetric matrix without negative eigenvalues; those that
/// rounding leaves count as 0. NaN if the matrix is not finite.
/// @param matrix [D, D]
Tensor trace_of_root(const Tensor& matrix);

/// The total correlation of a Gaussian, in nats: its KL divergence from the product of its
/// dimensions. Infinite if a dimension follows from others, as always if there are no more points
/// than dimensions; NaN if one does not vary.
/// @param covariance [D, D]
/// @see Watanabe 1960
Tensor gaussian_total_correlation(const Tensor& covariance);

/// The squared Wasserstein distance of a Gaussian from the product of its dimensions, in squared
/// units of the code.
/// @param covariance [D, D]
/// @see Dowson & Landau 1982
Tensor gaussian_wasserstein_correlation(const Tensor& covariance);

}  // namespace varia::metrics
