#include "gaussian_mixture.hpp"

#include <ATen/Functions.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <utility>

#include "k_means.hpp"
#include "points.hpp"
#include "varia/error.hpp"

namespace varia::densities {

namespace {

/// C^(-1/2) (x - m): standard normal if x is from this component.
/// @returns [n, D]
Tensor whitened(const Tensor& centred, const Tensor& factor) {
  if (factor.dim() == 1) return centred / factor;
  return at::linalg_solve_triangular(factor, centred.t(), false).t();
}

constexpr double kNoShare = 10 * std::numeric_limits<double>::epsilon();

/// Sum over the points of r (x - m)(x - m)^T, or of its diagonal.
/// @param shares [N]
Tensor scatter(const Tensor& points, const Tensor& shares, const Tensor& mean, bool full) {
  const auto size = points.size(1);
  auto result =
      at::zeros(full ? std::vector<std::int64_t>{size, size} : std::vector<std::int64_t>{size},
                torch::kDouble);
  in_parts(points.size(0), size, kPart, [&](std::int64_t begin, std::int64_t end) {
    const auto centred = points.slice(0, begin, end) - mean;
    const auto weighted = centred * shares.slice(0, begin, end).unsqueeze(1);
    result += full ? weighted.t().matmul(centred) : (weighted * centred).sum(0);
  });
  return result;
}

/// [D, D] or [D]
Tensor factor_of(const Tensor& covariance, std::int64_t component) {
  const auto require = [component](bool good) {
    if (good) return;
    throw TrialError("density gmm: the covariance of component " + std::to_string(component + 1) +
                     " is not positive definite: its points lie in fewer dimensions, or are too "
                     "large for float64. Raise 'regularisation', or use fewer components.");
  };
  if (covariance.dim() == 1) {
    require(at::isfinite(covariance).all().item<bool>() && covariance.gt(0).all().item<bool>());
    return covariance.sqrt();
  }
  require(at::isfinite(covariance).all().item<bool>());
  const auto [factor, info] = at::linalg_cholesky_ex(covariance);
  require(info.item<std::int64_t>() == 0);
  return factor;
}

/// Every component at a centre, with the covariance of all points.
GaussianMixture around(const Tensor& points, const Tensor& centres, const MixtureOptions& options) {
  const auto everything = at::ones({points.size(0), 1}, torch::kDouble);
  const auto whole = maximisation(points, everything, options, {});
  auto sizes = whole.factors.sizes().vec();
  sizes[0] = centres.size(0);
  const auto count = static_cast<double>(centres.size(0));
  return {at::full({centres.size(0)}, 1 / count, torch::kDouble), centres,
          whole.factors.expand(sizes)};
}

MixtureFit fit_once(const Tensor& points, const MixtureOptions& options, Draw& draw) {
  const auto clusters = k_means(points, options.components, draw);
  const auto start = at::one_hot(clusters.labels, options.components).to(torch::kDouble);
  MixtureFit fit;
  fit.mixture = maximisation(points, start, options, around(points, clusters.centres, options));
  auto now = expectation(fit.mixture, points);
  fit.log_likelihood = {now.log_likelihood};
  for (std::int64_t i = 0; i < options.max_iterations && !fit.converged; ++i) {
    auto mixture = maximisation(points, now.responsibilities, options, fit.mixture);
    auto next = expectation(mixture, points);
    const auto gain = next.log_likelihood - now.log_likelihood;
    fit.converged = gain <= 0 || gain < options.tolerance;
    if (gain < 0) break;
    fit.mixture = std::move(mixture);
    now = std::move(next);
    fit.log_likelihood.push_back(now.log_likelihood);
  }
  return fit;
}

}  // namespace

Tensor GaussianMixture::joint_log_prob(const Tensor& points) const {
  const auto diagonals = factors.dim() == 3 ? factors.diagonal(0, 1, 2) : factors;
  const auto constant = weights.log() - diagonals.log().sum(1) -
                        0.5 * static_cast<double>(dimensions()) * std::log(2 * std::numbers::pi);
  const auto result = at::empty({points.size(0), components()}, torch::kDouble);
  in_parts(points.size(0), dimensions(), kPart, [&](std::int64_t begin, std::int64_t end) {
    const auto part = points.slice(0, begin, end);
    for (std::int64_t k = 0; k < components(); ++k) {
      const auto distances = whitened(part - means[k], factors[k]).square().sum(1);
      result.slice(0, begin, end).select(1, k).copy_(constant[k] - 0.5 * distances);
    }
  });
  return result;
}

Tensor GaussianMixture::log_prob(const Tensor& points) const {
  const auto result = at::empty({points.size(0)}, torch::kDouble);
  in_parts(points.size(0), components(), kPart, [&](std::int64_t begin, std::int64_t end) {
    const auto joint = joint_log_prob(points.slice(0, begin, end));
    result.slice(0, begin, end).copy_(joint.logsumexp(1));
  });
  return result;
}

Tensor GaussianMixture::sample(std::int64_t n, Draw& draw) const {
  const auto component = draw_index(weights, n, draw);
  const auto noise = draw.normal({n, dimensions()}).to(torch::kCPU, torch::kDouble);
  auto result = means.index_select(0, component);
  if (factors.dim() == 2) return result + noise * factors.index_select(0, component);
  for (std::int64_t k = 0; k < components(); ++k) {
    const auto rows = component.eq(k).nonzero().flatten();
    result.index_add_(0, rows, noise.index_select(0, rows).matmul(factors[k].t()));
  }
  return result;
}

Expectation expectation(const GaussianMixture& mixture, const Tensor& points) {
  auto joint = mixture.joint_log_prob(points);
  const auto evidence = joint.logsumexp(1, true);
  const auto log_likelihood = evidence.mean().item<double>();
  if (!std::isfinite(log_likelihood)) {
    throw TrialError(
        "density gmm: the log-likelihood of the points is not finite: they are too far apart for "
        "float64. Raise 'regularisation', or scale the points.");
  }
  return {joint.sub_(evidence).exp_(), log_likelihood};
}

GaussianMixture maximisation(const Tensor& points, const Tensor& responsibilities,
                             const MixtureOptions& options, const GaussianMixture& before) {
  const bool full = options.covariance == Covariance::full;
  const auto shares = responsibilities.sum(0);  // [K]
  std::vector<Tensor> means;
  std::vector<Tensor> factors;
  for (std::int64_t k = 0; k < shares.size(0); ++k) {
    if (shares[k].item<double>() < kNoShare) {
      shares[k].fill_(0);
      means.push_back(before.means[k]);
      factors.push_back(before.factors[k]);
      continue;
    }
    const auto own = responsibilities.select(1, k) / shares[k];
    means.push_back(own.matmul(points));
    auto covariance = scatter(points, own, means.back(), full);
    if (options.covariance == Covariance::spherical)
      covariance = covariance.mean().expand_as(covariance).contiguous();
    (full ? covariance.diagonal() : covariance).add_(options.regularisation);
    factors.push_back(factor_of(covariance, k));
  }
  return {shares / shares.sum(), at::stack(means), at::stack(factors)};
}

MixtureFit fit_mixture(const Tensor& points, const MixtureOptions& options, Draw& draw) {
  auto best = fit_once(points, options, draw);
  for (std::int64_t i = 1; i < options.restarts; ++i) {
    auto other = fit_once(points, options, draw);
    if (other.log_likelihood.back() > best.log_likelihood.back()) best = std::move(other);
  }
  return best;
}

}  // namespace varia::densities
