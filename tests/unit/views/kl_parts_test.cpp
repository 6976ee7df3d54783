#include <ATen/Functions.h>

#include <cmath>

#include "known_model.hpp"
#include "support/catch.hpp"
#include "unit/math/support.hpp"

// The parts of the KL divergence of Gaussian codes with unit posteriors, q(z) = N(0, C + I).

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

constexpr std::int64_t kImages = 300;

/// Means with the variance s^2 and the same correlation between all of them, [n, D].
Tensor correlated(std::int64_t dimensions, double deviation, double correlation) {
  Draw draw(7);
  const auto own = draw.normal({kImages, dimensions}).to(at::kDouble);
  const auto common = draw.normal({kImages, 1}).to(at::kDouble);
  return deviation * (std::sqrt(1 - correlation) * own + std::sqrt(correlation) * common);
}

Values parts_of(const Tensor& means) {
  KnownModel model(means.size(1));
  return measure("{use: kl_parts}", model, known_split("test", means));
}

/// What the total correlation has beyond that of independent codes.
double excess(const Values& parts) {
  return number(parts.at("kl_parts_total_correlation")) -
         number(parts.at("kl_parts_independent_total_correlation"));
}

}  // namespace

TEST_CASE(
    "independent codes have the total correlation of independent ones at every KL divergence") {
  for (const double kl : {8.0, 25.0}) {
    // I(x; z) = D / 2 ln(1 + s^2), and the true total correlation is 0.
    const auto parts = parts_of(correlated(10, std::sqrt(std::exp(2 * kl / 10) - 1), 0));
    INFO("KL divergence " << kl);
    CHECK(std::abs(excess(parts)) < 0.3);
    // The mutual information is at most ln N; the rest counts as total correlation.
    const double cap = std::log(static_cast<double>(kImages));
    CHECK(number(parts.at("kl_parts_mutual_information")) <= cap + 1e-4);
    CHECK(number(parts.at("kl_parts_independent_total_correlation")) > kl - cap - 1);
  }
}

TEST_CASE("correlated codes have a higher total correlation than independent ones, by the truth") {
  constexpr double kDeviation = 2, kCorrelation = 0.9;
  constexpr double kVariance = kDeviation * kDeviation + 1;
  // -1/2 ln det of the correlations r of four codes. The eigenvalues are 1 - r, thrice, and
  // 1 + 3 r.
  const double r = kCorrelation * kDeviation * kDeviation / kVariance;
  const double truth = -0.5 * (3 * std::log(1 - r) + std::log(1 + 3 * r));
  CHECK(excess(parts_of(correlated(4, kDeviation, kCorrelation))) == Approx(truth).margin(0.4));
  CHECK(truth > 1);
}
