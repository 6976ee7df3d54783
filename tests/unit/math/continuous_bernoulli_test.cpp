#include "support.hpp"
#include "support/catch.hpp"
#include "varia/distributions.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

/// From one end to the other, around zero, and on both sides of where the series take over.
const double kLogits[] = {
    -40,  -12,  -3,     -0.5, -0.3000001, -0.3, -0.2999999, -0.1, -1e-3, -1e-4, -1e-9, 0, 1e-9,
    1e-4, 1e-3, 0.0011, 0.1,  0.2999999,  0.3,  0.3000001,  0.5,  1.7,   3,     12,    40};

ContinuousBernoulli pixel(double logit) {
  return ContinuousBernoulli(doubles({logit}).view({1, 1, 1}));
}

constexpr std::int64_t kPoints = 40001;

Tensor density_on_grid(double logit) {
  return pixel(logit).log_density(grid(0, 1, kPoints).view({1, -1, 1})).flatten().exp();
}

}  // namespace

TEST_CASE("the continuous Bernoulli's density integrates to one") {
  for (const double logit : kLogits)
    CHECK(integral(density_on_grid(logit), 0, 1) == Approx(1).epsilon(1e-8));
}

TEST_CASE("the continuous Bernoulli's mean and variance are the moments of its density") {
  const auto x = grid(0, 1, kPoints);
  for (const double logit : kLogits) {
    const auto density = density_on_grid(logit);
    const double mean = integral(density * x, 0, 1);
    CHECK(number(pixel(logit).mean().sum()) == Approx(mean).epsilon(1e-7));
    CHECK(number(pixel(logit).variance().sum()) ==
          Approx(integral(density * (x - mean).square(), 0, 1)).epsilon(1e-6));
  }
}

TEST_CASE("the continuous Bernoulli is as exact in float32 as float32 allows") {
  for (const double logit : kLogits) {
    const ContinuousBernoulli single(at::full({1, 1, 1}, logit));
    const auto x = at::full({1, 1, 1}, 0.3);
    CHECK(number(single.log_density(x).sum()) ==
          Approx(number(pixel(logit).log_density(x.to(at::kDouble)).sum()))
              .epsilon(1e-5)
              .margin(2e-6));
    CHECK(number(single.mean().sum()) == Approx(number(pixel(logit).mean().sum())).epsilon(1e-5));
    CHECK(number(single.variance().sum()) ==
          Approx(number(pixel(logit).variance().sum())).epsilon(5e-5));
  }
}

TEST_CASE("extreme logits of a continuous Bernoulli give finite values and gradients in float32") {
  for (const float logit : {-1e4F, -200.0F, -90.0F, 0.0F, 90.0F, 200.0F, 1e4F}) {
    auto logits = at::full({1, 1, 1}, logit).set_requires_grad(true);
    const ContinuousBernoulli extreme(logits);
    const auto sum =
        extreme.log_density(at::full({1, 1, 1}, 0.5)) + extreme.mean() + extreme.variance();
    CHECK(sum.isfinite().all().item<bool>());
    sum.sum().backward();
    CHECK(logits.grad().isfinite().all().item<bool>());
  }
}

TEST_CASE("draws of a continuous Bernoulli follow its distribution function") {
  for (const double logit : {-40.0, -3.0, -0.01, -1e-4, 0.0, 5e-4, 0.3, 8.0, 40.0}) {
    Draw draw(1, 100'000);
    const auto value = pixel(logit).rsample(draw).value;
    CHECK(value.ge(0).logical_and(value.le(1)).all().item<bool>());
    CHECK(kolmogorov_distance(value, [&](const Tensor& x) {
            return logit == 0 ? x : at::expm1(logit * x) / std::expm1(logit);
          }) < kOnceInAMillion);
    const double error = std::sqrt(number(pixel(logit).variance().sum()) / 100'000);
    CHECK(number(value.to(at::kDouble).mean()) ==
          Approx(number(pixel(logit).mean().sum())).margin(5 * error));
  }
}

TEST_CASE("the gradients of the continuous Bernoulli are those of finite differences") {
  // Away from where a closed form meets its series: a difference across it measures their rounding.
  for (const double logit : {-30.0, -3.0, -0.31, -0.2, 0.0, 1e-3, 0.2, 0.31, 3.0, 30.0}) {
    const auto at_logit = doubles({logit}).view({1, 1, 1});
    const auto x = doubles({0.1, 0.8}).view({2, 1, 1});
    CHECK(gradient_error(
              [&](const Tensor& l) {
                return (ContinuousBernoulli(l).log_prob(x) * doubles({1, 3}).view({2, 1})).sum();
              },
              at_logit) < 1e-6);
    CHECK(gradient_error([&](const Tensor& l) { return ContinuousBernoulli(l).mean().sum(); },
                         at_logit) < 1e-6);
  }
}
