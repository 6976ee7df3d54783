#pragma once

#include <vector>

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

/// What the covariances of a mixture may be.
enum class Covariance {
  full,
  diagonal,
  spherical,  ///< one variance for all dimensions
};

/// How a mixture is fitted.
struct MixtureOptions {
  std::int64_t components = 1;
  Covariance covariance = Covariance::full;
  std::int64_t restarts = 1;
  std::int64_t max_iterations = 100;
  double tolerance = 1e-3;       ///< nats per point
  double regularisation = 1e-6;  ///< added to the diagonal of every covariance
};

/// How likely each component is for each point, and what the points are worth in all.
struct Expectation {
  Tensor responsibilities;    ///< [N, K], rows of sum 1
  double log_likelihood = 0;  ///< nats per point
};

/// @param points [N, D]
/// @throws TrialError if the likelihood is not finite.
Expectation expectation(const GaussianMixture& mixture, const Tensor& points);

/// The mixture of the highest expected log-likelihood, its covariances regularised. A component
/// without a share in any point keeps the mean and the covariance that it has in `before`.
/// @throws TrialError if a covariance is not positive definite.
GaussianMixture maximisation(const Tensor& points, const Tensor& responsibilities,
                             const MixtureOptions& options, const GaussianMixture& before);

struct MixtureFit {
  GaussianMixture mixture;
  /// The log-likelihood in nats per point at the start and after every iteration; it never falls.
  std::vector<double> log_likelihood;
  bool converged = false;
};

/// Expectation maximisation (Dempster et al. 1977), started from clusters by k_means, until an
/// iteration gains less than the tolerance. Regularisation makes an iteration a little less than
/// the best one: if it would lower the log-likelihood, it is not taken and the fit has
/// converged. Of several restarts, the fit of the highest log-likelihood.
/// @param points [N, D], N at least the number of components
/// @throws TrialError as the two steps do.
MixtureFit fit_mixture(const Tensor& points, const MixtureOptions& options, Draw& draw);

}  // namespace varia::densities
