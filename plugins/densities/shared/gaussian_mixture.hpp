#pragma once

#include "varia/draw.hpp"

namespace varia::densities {

/// A mixture of K Gaussians in D dimensions: p(x) = sum_k w_k N(x; m_k, C_k). float64 on the CPU.
struct GaussianMixture {
  Tensor weights;  ///< [K], of sum 1; a component of weight 0 takes no part
  Tensor means;    ///< [K, D]
  /// [K, D, D] lower Cholesky factors of the covariances; or, if these are diagonal, [K, D]
  /// standard deviations.
  Tensor factors;

  std::int64_t components() const { return means.size(0); }
  std::int64_t dimensions() const { return means.size(1); }
  /// ln w_k + ln N(x; m_k, C_k).
  /// @param points [n, D]
  /// @returns      [n, K] nats
  Tensor joint_log_prob(const Tensor& points) const;
  /// ln p(x).
  /// @param points [n, D]
  /// @returns      [n] nats
  Tensor log_prob(const Tensor& points) const;
  /// @returns [n, D]
  Tensor sample(std::int64_t n, Draw& draw) const;
};

}  // namespace varia::densities
