#include <ATen/Functions.h>

#include <cmath>

#include "gaussian_mixture.hpp"
#include "k_means.hpp"
#include "points.hpp"
#include "support/catch.hpp"
#include "unit/math/support.hpp"
#include "varia/error.hpp"

using namespace varia;
using namespace varia::densities;
using namespace varia::test;
using Catch::Approx;

namespace {

/// Four groups that overlap. [N, 3]
Tensor overlapping(std::int64_t count, std::uint64_t key = 11) {
  Draw draw(key);
  auto points = draw.normal({count, 3}).to(at::kDouble);
  points.select(1, 0).add_(at::arange(count).remainder(4) * 1.5);
  return points;
}

MixtureOptions options_for(Covariance covariance, std::int64_t components,
                           double regularisation = 1e-6) {
  MixtureOptions options;
  options.covariance = covariance;
  options.components = components;
  options.tolerance = 0;
  options.regularisation = regularisation;
  return options;
}

const std::vector<Covariance> kCovariances = {Covariance::full, Covariance::diagonal,
                                              Covariance::spherical};

/// A mixture that is far from every optimum.
GaussianMixture bad_start(const Tensor& points, Covariance covariance, std::int64_t components) {
  const auto identity = covariance == Covariance::full
                            ? at::eye(3, at::kDouble).repeat({components, 1, 1})
                            : at::ones({components, 3}, at::kDouble);
  return {at::full({components}, 1.0 / static_cast<double>(components), at::kDouble),
          points.slice(0, 0, components), identity};
}

}  // namespace

TEST_CASE("a step of expectation maximisation never lowers the log-likelihood") {
  for (const auto covariance : kCovariances)
    for (const std::uint64_t key : {1, 2, 3}) {
      const auto points = overlapping(200, key);
      const auto options = options_for(covariance, 5, 0);
      auto mixture = bad_start(points, covariance, 5);
      auto now = expectation(mixture, points);
      const double start = now.log_likelihood;
      for (int i = 0; i < 60; ++i) {
        mixture = maximisation(points, now.responsibilities, options, mixture);
        const auto next = expectation(mixture, points);
        CHECK(next.log_likelihood >= now.log_likelihood - 1e-12);
        now = next;
      }
      CHECK(now.log_likelihood > start + 0.05);
    }
}

TEST_CASE("a maximisation is the best mixture for its responsibilities") {
  const auto points = overlapping(100);
  for (const auto covariance : kCovariances) {
    const auto start = bad_start(points, covariance, 2);
    const auto shares = expectation(start, points).responsibilities;
    const auto best = maximisation(points, shares, options_for(covariance, 2, 0), start);
    const auto expected = [&](const GaussianMixture& mixture) {
      return number((shares * mixture.joint_log_prob(points)).sum());
    };
    const double most = expected(best);
    for (const double by : {-0.01, 0.01}) {
      auto other = best;
      other.means = best.means + by;
      CHECK(expected(other) < most);
      other = best;
      other.factors = best.factors * (1 + by);
      CHECK(expected(other) < most);
      other = best;
      other.weights = best.weights + doubles({by, -by});
      CHECK(expected(other) < most);
    }
  }
}

TEST_CASE("a fit reports a log-likelihood that never falls, and which its mixture has") {
  const auto points = overlapping(200);
  for (const auto covariance : kCovariances)
    for (const double regularisation : {0.0, 1e-6, 0.3}) {
      Draw draw(4);
      const auto fit = fit_mixture(points, options_for(covariance, 4, regularisation), draw);
      for (std::size_t i = 1; i < fit.log_likelihood.size(); ++i)
        CHECK(fit.log_likelihood[i] >= fit.log_likelihood[i - 1]);
      CHECK(number(fit.mixture.log_prob(points).mean()) ==
            Approx(fit.log_likelihood.back()).epsilon(1e-12));
      CHECK(number(fit.mixture.weights.sum()) == Approx(1).epsilon(1e-12));
    }
}

TEST_CASE("of several restarts the best is kept") {
  const auto points = overlapping(120);
  auto options = options_for(Covariance::spherical, 6);
  options.max_iterations = 3;
  Draw draw(8);
  std::vector<double> single;
  for (int i = 0; i < 8; ++i)
    single.push_back(fit_mixture(points, options, draw).log_likelihood.back());
  const auto most = *std::max_element(single.begin(), single.end());
  CHECK(most > *std::min_element(single.begin(), single.end()));
  Draw again(8);
  options.restarts = 8;
  CHECK(fit_mixture(points, options, again).log_likelihood.back() == most);
}

TEST_CASE("a fit finds the parameters of groups that are far apart") {
  Draw draw(5);
  const auto stretch = doubles({2, 0, 1, 0.5}).view({2, 2});
  const auto noise = draw.normal({30'000, 2}).to(at::kDouble);
  const auto points = at::cat(
      {noise.slice(0, 0, 10'000).matmul(stretch), noise.slice(0, 10'000) + doubles({30, -10})});
  auto options = options_for(Covariance::full, 2);
  options.tolerance = 1e-9;
  const auto fit = fit_mixture(points, options, draw);
  CHECK(fit.converged);
  const auto first = fit.mixture.weights.argmin();
  CHECK(number(fit.mixture.weights[first]) == Approx(1.0 / 3).epsilon(1e-6));
  CHECK(close(fit.mixture.means[first], doubles({0, 0}), 0, 0.15));
  CHECK(close(fit.mixture.means[1 - first], doubles({30, -10}), 0, 0.05));
  const auto factor = fit.mixture.factors[first];
  CHECK(close(factor.matmul(factor.t()), stretch.t().matmul(stretch), 0.1, 0.05));
}

TEST_CASE("a component without a point stays where it was, with no weight") {
  const auto points = at::cat({at::zeros({5, 2}, at::kDouble), at::ones({5, 2}, at::kDouble)});
  Draw draw(6);
  const auto fit = fit_mixture(points, options_for(Covariance::full, 4), draw);
  CHECK(fit.mixture.log_prob(points).isfinite().all().item<bool>());
  CHECK(at::equal(std::get<0>(fit.mixture.weights.sort()), doubles({0, 0, 0.5, 0.5})));
  CHECK(at::equal(fit.mixture.sample(100, draw).round().sum(1).remainder(2),
                  at::zeros({100}, at::kDouble)));
}

TEST_CASE("k-means finds groups that are far apart, whatever the start") {
  const auto centres = doubles({0, 0, 100, 0, 0, 100, 100, 100, 50, 300}).view({5, 2});
  const auto truth = at::arange(200).remainder(5);
  for (std::uint64_t key = 0; key < 20; ++key) {
    Draw draw(key);
    const auto noise = draw.normal({200, 2}).to(at::kDouble);
    const auto clusters = k_means(centres.index_select(0, truth) + noise, 5, draw);
    for (std::int64_t group = 0; group < 5; ++group) {
      const auto labels = clusters.labels.masked_select(truth.eq(group));
      CHECK((labels == labels[0]).all().item<bool>());
      CHECK(close(clusters.centres[labels[0].item<std::int64_t>()], centres[group], 0, 1.5));
    }
  }
}

TEST_CASE("k-means gives every cluster a point if there are enough different ones") {
  for (std::uint64_t key = 0; key < 20; ++key) {
    Draw draw(key);
    const auto points = draw.normal({12, 1}).to(at::kDouble).exp();
    const auto clusters = k_means(points, 11, draw);
    CHECK(number(at::bincount(clusters.labels, {}, 11).min()) >= 1);
  }
}

TEST_CASE("indices are drawn in proportion to their weights, and never those of weight 0") {
  Draw draw(3);
  const auto drawn = draw_index(doubles({0, 1, 0, 3, 0}), 40'000, draw);
  const auto counts = at::bincount(drawn, {}, 5).to(at::kDouble) / 40'000.0;
  CHECK(number(counts[1] + counts[3]) == 1);
  CHECK(number(counts[1]) == Approx(0.25).margin(6 * std::sqrt(0.25 * 0.75 / 40'000)));
}

TEST_CASE("uniform doubles are uniform, and finer than floats") {
  Draw draw(3);
  const auto numbers = uniform_doubles(draw, {50'000});
  CHECK(number(numbers.min()) > 0);
  CHECK(number(numbers.max()) < 1);
  CHECK_FALSE(at::equal(numbers, numbers.to(at::kFloat).to(at::kDouble)));
  CHECK(kolmogorov_distance(numbers, [](const Tensor& x) { return x; }) < kOnceInAMillion);
}
