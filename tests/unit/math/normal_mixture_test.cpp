#include <cmath>

#include "support.hpp"
#include "support/catch.hpp"
#include "varia/distributions.hpp"
#include "varia/normal_mixture.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

struct Fixture {
  Tensor means = at::tensor({-2.F, 0.F, 1.F, 3.F, 0.5F, -1.F}).view({3, 2});
  Tensor log_vars = at::tensor({0.F, -1.F, -2.F, 0.5F, 1.F, 0.F}).view({3, 2});
  NormalMixture mixture{means, log_vars};
};

}  // namespace

TEST_CASE("the density of a mixture is the mean of its components' densities") {
  Fixture f;
  Draw draw(1);
  const auto value = 2 * draw.normal({4, 5, 2});
  auto sum = at::zeros({4, 5}, at::kDouble);
  for (std::int64_t m = 0; m < 3; ++m)
    sum += Normal(f.means[m].view({1, 1, 2}), f.log_vars[m].view({1, 1, 2}))
               .log_prob(value)
               .to(at::kDouble)
               .exp();
  REQUIRE(f.mixture.log_density(value).sizes() == at::IntArrayRef({4, 5, 1}));
  CHECK(close(f.mixture.log_prob(value), (sum / 3).log(), 1e-5, 1e-5));
}

TEST_CASE("the density of a narrow component far from zero keeps its digits") {
  const NormalMixture narrow(at::full({1, 40}, 9.F), at::full({1, 40}, -12.F));
  const auto value = at::full({1, 1, 40}, 9.001F).to(at::kFloat);
  const double difference = static_cast<double>(9.001F) - 9;
  const double truth =
      -0.5 * 40 * (difference * difference * std::exp(12.0) - 12 + std::log(2 * M_PI));
  CHECK(number(narrow.log_prob(value)) == Approx(truth).epsilon(1e-5));
}

TEST_CASE("draws of a mixture have its mean and variance, and its density elsewhere") {
  Fixture f;
  Draw draw(2, 200'000);
  const auto drawn = f.mixture.rsample(draw).value;
  REQUIRE(drawn.sizes() == at::IntArrayRef({200'000, 1, 2}));
  CHECK(close(drawn.mean(0), f.mixture.mean()[0], 0, 0.03));
  CHECK(close(drawn.var(0), f.mixture.variance()[0], 0.02));
  // Its first dimension against the distribution function of the three components.
  CHECK(kolmogorov_distance(drawn.select(-1, 0), [&](const Tensor& x) {
          auto sum = at::zeros_like(x);
          for (std::int64_t m = 0; m < 3; ++m)
            sum += 0.5 * at::erfc(-(x - f.means[m][0]) * (-0.5 * f.log_vars[m][0]).exp() /
                                  std::sqrt(2.0));
          return sum / 3;
        }) < kOnceInAMillion);
}

TEST_CASE("gradients of a mixture's density are those of finite differences") {
  Fixture f;
  Draw draw(3);
  const auto value = draw.normal({2, 2, 2}).to(at::kDouble);
  const auto means = f.means.to(at::kDouble), log_vars = f.log_vars.to(at::kDouble);
  CHECK(gradient_error(
            [&](const Tensor& x) { return NormalMixture(x, log_vars).log_prob(value).sum(); },
            means) < 1e-6);
  CHECK(
      gradient_error([&](const Tensor& x) { return NormalMixture(means, x).log_prob(value).sum(); },
                     log_vars) < 1e-6);
  CHECK(gradient_error(
            [&](const Tensor& x) { return NormalMixture(means, log_vars).log_prob(x).sum(); },
            value) < 1e-6);
}
