#include "support.hpp"
#include "support/catch.hpp"
#include "varia/distributions.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

/// x ln p + (1 - x) ln(1 - p) with p = 1 / (1 + e^-l), in long double.
double cross_entropy(double logit, double x) {
  const long double l = logit;
  const long double log_p = -std::log1p(std::exp(-l));
  const long double log_not_p = -std::log1p(std::exp(l));
  return static_cast<double>(x * log_p + (1 - static_cast<long double>(x)) * log_not_p);
}

}  // namespace

TEST_CASE("the density of a Bernoulli variable is the cross-entropy, for grey values too") {
  for (const double logit : {-30.0, -19.0, -3.0, -0.1, 0.0, 0.5, 4.0, 19.5, 25.0})
    for (const double x : {0.0, 0.25, 0.5, 0.9, 1.0}) {
      const Bernoulli pixel(doubles({logit}).view({1, 1, 1}));
      CHECK(number(pixel.log_density(doubles({x}).view({1, 1, 1})).sum()) ==
            Approx(cross_entropy(logit, x)).epsilon(1e-6).margin(3e-9));
    }
}

TEST_CASE("logits of ten thousand give finite densities and gradients in float32") {
  for (const float logit : {-1e4F, 1e4F})
    for (const float x : {0.0F, 0.5F, 1.0F}) {
      auto logits = at::full({1, 1, 3}, logit).set_requires_grad(true);
      const auto log_prob = Bernoulli(logits).log_prob(at::full({1, 1, 3}, x));
      CHECK(log_prob.item<float>() == Approx(3 * (x * logit - std::max(logit, 0.0F))));
      log_prob.sum().backward();
      CHECK(logits.grad().isfinite().all().item<bool>());
    }
}

TEST_CASE("the one-node log-likelihood is the sum of the densities, whatever broadcasts") {
  Draw draw(1);
  using Shape = std::vector<std::int64_t>;
  const std::pair<Shape, Shape> shapes[] = {
      {{3, 4, 1, 2, 2}, {1, 4, 1, 2, 2}},
      {{1, 4, 1, 2, 2}, {3, 4, 1, 2, 2}},
      {{3, 1, 5}, {1, 2, 5}},
      {{1, 1, 5}, {1, 4, 5}},
      {{3, 4, 5}, {3, 4, 5}},
      {{3, 4, 5}, {1, 1, 5}},
  };
  for (const auto& [logit_shape, value_shape] : shapes) {
    const auto logits = draw.normal(logit_shape).to(at::kDouble) * 3;
    const auto value = draw.uniform(value_shape).to(at::kDouble);
    const auto by_element = [&](const Tensor& l) {
      return sum_event(Bernoulli(l).log_density(value));
    };
    const auto one_node = [&](const Tensor& l) { return Bernoulli(l).log_prob(value); };
    REQUIRE(one_node(logits).sizes() == by_element(logits).sizes());
    CHECK(close(one_node(logits), by_element(logits)));
    const auto weights = draw.normal(by_element(logits).sizes()).to(at::kDouble);
    CHECK(gradient_error([&](const Tensor& l) { return (one_node(l) * weights).sum(); }, logits) <
          1e-6);
    CHECK(gradient_error([&](const Tensor& l) { return (by_element(l) * weights).sum(); }, logits) <
          1e-6);
  }
}

TEST_CASE("draws of a Bernoulli variable are zeros and ones in the right proportion") {
  for (const double logit : {-2.0, 0.0, 1.3}) {
    const Bernoulli pixel(doubles({logit}).view({1, 1, 1}));
    Draw draw(2, 100'000);
    const auto value = pixel.rsample(draw).value;
    const double p = 1 / (1 + std::exp(-logit));
    CHECK(value.eq(0).logical_or(value.eq(1)).all().item<bool>());
    CHECK(number(value.to(at::kDouble).mean()) ==
          Approx(p).margin(5 * std::sqrt(p * (1 - p) / 100'000)));
    CHECK(number(pixel.mean().sum()) == Approx(p));
    CHECK(number(pixel.variance().sum()) == Approx(p * (1 - p)));
  }
}

TEST_CASE("the gradient of a Bernoulli log-likelihood with respect to its value is the logits") {
  const auto logits = doubles({0.5, -2, 3}).view({1, 1, 3});
  for (const std::int64_t images : {1, 2}) {
    const auto value = at::full({1, images, 3}, 0.25, at::kDouble).set_requires_grad(true);
    Bernoulli(logits).log_prob(value).sum().backward();
    REQUIRE(value.grad().defined());
    CHECK(close(value.grad(), logits.expand({1, images, 3})));
  }
}
