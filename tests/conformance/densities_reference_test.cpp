#include <ATen/Functions.h>

#include "support/catch.hpp"
#include "unit/math/support.hpp"
#include "unit/training/support.hpp"
#include "varia/density.hpp"

// The values of scikit-learn 1.2.1, SciPy 1.10.1 and NumPy 1.24.2 on fixed points:
//
//   import numpy as np, scipy.stats as st
//   from sklearn.mixture import GaussianMixture
//   from sklearn.neighbors import KernelDensity
//   i = np.arange(60) + 0.5
//   logit = lambda u: np.log(u / (1 - u))
//   z = np.stack([logit(i * 0.6180339887498949 % 1), logit(i * 0.7548776662466927 % 1)], 1) / 1.8
//   X = np.concatenate([z[:20] + [6, -5], z[20:] @ [[-1, -0.7], [1.5, 0.7]]])
//   Q = np.array([[6, -5], [0, 0], [2, 1], [-3, 4.5]]); x = X[:, :1]; q = Q[:, :1]
//   GaussianMixture(2, covariance_type=..., tol=0, max_iter=5000, n_init=5, random_state=0)
//       .fit(X).score_samples(Q)
//   KernelDensity(bandwidth=..., kernel=...).fit(X).score_samples(Q)
//   st.gaussian_kde(X.T, bw_method=...).logpdf(Q.T)
//   np.histogram(x, bins=np.linspace(-5, 10, 10) + offset, density=True)
//   np.histogram2d(*X.T, bins=5, density=True)

using namespace varia;
using namespace varia::test;

namespace {

/// X of the recipe, [60, 2].
Tensor points() {
  const auto i = at::arange(60, at::kDouble) + 0.5;
  const auto logit = [](const Tensor& u) { return (u / (1 - u)).log(); };
  const auto z = at::stack({logit((i * 0.6180339887498949).remainder(1)),
                            logit((i * 0.7548776662466927).remainder(1))},
                           1) /
                 1.8;
  const auto stretch = doubles({-1, -0.7, 1.5, 0.7}).view({2, 2});
  return at::cat({z.slice(0, 0, 20) + doubles({6, -5}), z.slice(0, 20).matmul(stretch)});
}

/// Q of the recipe, [4, 2].
Tensor places() { return doubles({6, -5, 0, 0, 2, 1, -3, 4.5}).view({4, 2}); }

/// ln p of a density that was fitted to the first `dimensions` coordinates.
Tensor log_prob(const std::string& text, std::int64_t dimensions, const Tensor& at = places()) {
  const auto density =
      training::make<Density>(training::configure(registry(), "density", yaml(text)), Build{});
  Draw draw(1);
  density->fit(points().slice(1, 0, dimensions), draw);
  return density->log_prob(at.slice(1, 0, dimensions));
}

void check(const Tensor& found, const std::vector<double>& truth) {
  INFO("found " << found << ", expected " << doubles(truth));
  CHECK(close(found, doubles(truth), 1e-6, 1e-6));
}

}  // namespace

TEST_CASE("a Gaussian mixture has scikit-learn's log-density at its optimum") {
  const auto gmm = [](const std::string& covariance) {
    return "{use: gmm, components: 2, restarts: 2, tolerance: 0, max_iterations: 2000, "
           "covariance: " +
           covariance + "}";
  };
  check(log_prob(gmm("full"), 2),
        {-2.7730410476737535, -1.16459733272851, -2.2211765705526707, -84.20923239740193});
  check(log_prob(gmm("diagonal"), 2),
        {-2.8009360844215636, -2.5824371086731053, -4.549658853411174, -19.008289594681905});
  check(log_prob(gmm("spherical"), 2),
        {-2.804679360026925, -2.763983088759692, -4.796250303594504, -11.69317521392321});
  // score: the mean over the points that it was fitted to
  check(log_prob(gmm("full"), 2, points()).mean(), {-2.678369827687217});
  check(log_prob(gmm("diagonal"), 2, points()).mean(), {-3.6191332209120115});
  check(log_prob(gmm("spherical"), 2, points()).mean(), {-3.7422213942678506});
}

TEST_CASE("a kernel estimate has scikit-learn's log-density, by its rules too") {
  check(log_prob("{use: kde, bandwidth: 0.7}", 2),
        {-3.247473560706103, -2.5627909514054488, -3.275087441047266, -31.072337578353206});
  check(log_prob("{use: kde, bandwidth: 0.7}", 1),
        {-2.189342104338979, -1.868765932061752, -2.573162417247083, -3.299352831972961});
  for (const auto* rule : {"scott", "silverman"})  // they are one rule in two dimensions
    check(log_prob("{use: kde, rule: " + std::string(rule) + "}", 2),
          {-3.1177339336956402, -2.231317111080381, -2.978441814643169, -56.005036886416356});
  check(log_prob("{use: kde}", 1),
        {-2.0483017039240408, -1.8309565479559273, -2.559505059465814, -3.5961141589453653});
  check(log_prob("{use: kde, rule: silverman}", 1),
        {-2.0622201069117567, -1.8317475391691995, -2.5623400925377076, -3.5634997986244596});
  // tophat
  check(log_prob("{use: kde, kernel: box, bandwidth: 0.8}", 1),
        {-2.079441541679836, -1.856297990365627, -2.6184380424125226, -3.8712010109078907});
}

TEST_CASE("a whitened kernel estimate has SciPy's log-density") {
  check(log_prob("{use: kde, whiten: true}", 2),
        {-3.7430077299805817, -3.455218421672144, -4.119191030250779, -8.851239590099292});
  check(log_prob("{use: kde, whiten: true}", 1),
        {-2.568170200761292, -2.0819388531515575, -2.5079860603312754, -2.9518947393058372});
  check(log_prob("{use: kde, rule: silverman, whiten: true}", 1),
        {-2.603655658701944, -2.1084994135908564, -2.498653459173237, -2.9315817463059886});
}

TEST_CASE("a histogram has NumPy's densities, and other ones with other edges") {
  const auto middles = at::arange(9, at::kDouble) * (15.0 / 9) - 5 + 15.0 / 18;
  const auto edges = std::string("{use: histogram, bins: 9, from: -5, to: 10");
  check(log_prob(edges + "}", 1, middles.unsqueeze(1)).exp(),
        {0.02, 0.05, 0.15, 0.14, 0.04, 0.03, 0.12, 0.05, 0});
  check(log_prob(edges + ", offset: 0.6}", 1, middles.unsqueeze(1) + 0.6).exp(),
        {0.03, 0.08, 0.17, 0.12, 0.01, 0.06, 0.11, 0.02, 0});
  check(log_prob("{use: histogram}", 1).exp(),
        {0.16588980710687026, 0.1244173553301527, 0.041472451776717566, 0.041472451776717566});
  check(log_prob("{use: histogram, bins: 5}", 2).exp(),
        {0.046048209599107055, 0.02302410479955353, 0.0644674934387499, 0});
}
