#include <ATen/Functions.h>

#include <cmath>

#include "known_model.hpp"
#include "support/catch.hpp"
#include "unit/math/support.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

/// The posteriors are N(mean, 1).
double gap(double deviation, const std::string& options) {
  constexpr std::int64_t kImages = 2000, kDimensions = 3;
  KnownModel model(kDimensions);
  const auto means = deviation * Draw(3).normal({kImages, kDimensions}).to(at::kDouble);
  return number(
      measure("{use: code_log_density, density: {use: gmm, components: 1}" + options + "}", model,
              known_split("test", means))
          .at("code_log_density_gap"));
}

}  // namespace

TEST_CASE("the gap of Gaussian codes is their KL divergence from the prior, in closed form") {
  for (const double deviation : {0.1, 1.0, 3.0}) {
    const double variance = deviation * deviation;
    CHECK(gap(deviation, ", sampled: false") ==
          Approx(3 * 0.5 * (variance - 1 - std::log(variance))).margin(0.1 * (1 + variance)));
  }
}

TEST_CASE("a code where no class has a density is classified wrongly, whatever its label") {
  KnownModel model(1);
  const auto train =
      known_split("train", doubles({0, 1, 2, 3}).view({4, 1}), at::tensor({0, 0, 1, 1}, at::kLong));
  for (const std::int64_t far : {0, 1}) {
    const auto test =
        known_split("test", doubles({0.5, 2.5, 10, -5}).view({4, 1}),
                    at::tensor({std::int64_t{0}, std::int64_t{1}, far, far}, at::kLong));
    const auto found = measure("{use: density_classifier, density: {use: histogram, bins: 2}}",
                               model, train, test);
    CHECK(number(found.at("density_classifier")) == 0.5);
  }
}

TEST_CASE("draws of posteriors that are the prior leave no gap, and their means a large one") {
  CHECK(std::abs(gap(1e-2, "")) < 0.05);
  CHECK(gap(1e-2, ", sampled: false") > 10);
}
