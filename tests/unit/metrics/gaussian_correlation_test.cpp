#include "gaussian_correlation.hpp"

#include <ATen/Functions.h>

#include <cmath>

#include "support/catch.hpp"
#include "varia/draw.hpp"

using namespace varia;
using Catch::Approx;

namespace {
const Tensor kCorrelated = at::tensor({1.0, 0.9, 0.9, 1.0}).view({2, 2});
double total(const Tensor& covariance) {
  return metrics::gaussian_total_correlation(covariance).item<double>();
}
double wasserstein(const Tensor& covariance) {
  return metrics::gaussian_wasserstein_correlation(covariance).item<double>();
}
}  // namespace

TEST_CASE("the covariance of points is that of its definition") {
  const auto points = at::tensor({1.0, 2.0, 3.0, 2.0, 5.0, 8.0}).view({3, 2});
  CHECK(at::allclose(metrics::covariance(points), at::tensor({4.0, 6.0, 6.0, 12.0}).view({2, 2})));
}

TEST_CASE("independent dimensions have no total correlation, and no Wasserstein distance") {
  const auto identity = at::eye(5, at::kDouble);
  for (const auto& covariance : {identity, identity * 4}) {
    CHECK(std::abs(total(covariance)) < 1e-12);
    CHECK(std::abs(wasserstein(covariance)) < 1e-12);
  }
}

TEST_CASE("the total correlation of two dimensions is -1/2 ln(1 - r^2), at any scale") {
  CHECK(total(kCorrelated) == Approx(-0.5 * std::log(0.19)));
  const auto scale = at::tensor({3.0, 0.5});
  CHECK(total(kCorrelated * scale * scale.unsqueeze(1)) == Approx(-0.5 * std::log(0.19)));
}

TEST_CASE("the Wasserstein distance of two dimensions is that of the roots of the eigenvalues") {
  // 1 + r and 1 - r, of unit variances.
  CHECK(wasserstein(kCorrelated) == Approx(4 - 2 * (std::sqrt(1.9) + std::sqrt(0.1))));
  CHECK(wasserstein(kCorrelated * 9) == Approx(9 * wasserstein(kCorrelated)));
}

TEST_CASE("a dimension that follows from another has an infinite total correlation") {
  const auto ones = at::ones({2, 2}, at::kDouble);
  CHECK(std::isinf(total(ones)));
  CHECK(wasserstein(ones) == Approx(4 - 2 * std::sqrt(2)));
}

TEST_CASE("a dimension that is the sum of two others has an infinite total correlation, too") {
  const auto points = Draw(1).normal({1000, 2}).to(at::kDouble);
  CHECK(std::isinf(total(metrics::covariance(at::cat({points, points.sum(1, true)}, 1)))));
  // No more points than dimensions lie in a plane.
  CHECK(std::isinf(total(metrics::covariance(Draw(2).normal({20, 40})))));
}

TEST_CASE("a single point tells nothing of correlations") {
  const auto covariance = metrics::covariance(at::ones({1, 3}));
  CHECK(std::isnan(total(covariance)));
  CHECK(std::isnan(wasserstein(covariance)));
}
