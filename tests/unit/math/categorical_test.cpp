#include <ATen/Functions.h>

#include <cmath>

#include "support.hpp"
#include "support/catch.hpp"
#include "varia/distributions.hpp"
#include "varia/networks.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

/// p = 0.1, 0.2, 0.3, 0.4, with an arbitrary constant added to the logits.
Tensor logits() { return doubles({0.1, 0.2, 0.3, 0.4}).log().add(5).view({1, 1, 4}); }

/// Share of each category among the arg-max of draws.
Tensor shares(const Categorical& distribution, std::int64_t draws) {
  Draw draw(3, draws);
  const auto value = distribution.rsample(draw).value;
  return one_hot_rows(value.argmax(-1), 4).to(at::kDouble).mean(0).flatten();
}

}  // namespace

TEST_CASE("labels become rows with a single one") {
  const auto rows = one_hot_rows(at::tensor({2, 0}, at::kLong), 3);
  CHECK(at::equal(rows, at::tensor({0.F, 0.F, 1.F, 1.F, 0.F, 0.F}).view({2, 3})));
}

TEST_CASE("the mass, entropy and KL divergence of categories are the sums over them") {
  const Categorical q(logits());
  const auto p = doubles({0.1, 0.2, 0.3, 0.4});
  CHECK(close(q.mean().flatten(), p));
  CHECK(close(q.variance().flatten(), p * (1 - p)));
  for (std::int64_t k = 0; k < 4; ++k) {
    const auto value = one_hot_rows(at::full({1, 1}, k, at::kLong), 4).to(at::kDouble);
    CHECK(number(q.log_prob(value)) == Approx(std::log(number(p[k]))));
  }
  CHECK(number(q.entropy()) == Approx(-number((p * p.log()).sum())));
  const Categorical other(doubles({0.7, 0.1, 0.1, 0.1}).log().view({1, 1, 4}));
  const auto divergence = q.kl_to(other);
  CHECK(divergence.sizes() == at::IntArrayRef({1, 1, 1}));
  CHECK(number(divergence) == Approx(0.1 * std::log(0.1 / 0.7) + 0.2 * std::log(2.0) +
                                     0.3 * std::log(3.0) + 0.4 * std::log(4.0)));
  CHECK(number(q.kl_to(*Categorical::uniform(4, at::kCPU))) ==
        Approx(std::log(4.0) - number(q.entropy())));
  CHECK_FALSE(q.kl_to(*Normal::unit({4}, at::kCPU)).defined());
}

TEST_CASE("hard draws are one-hot, and as frequent as their probabilities") {
  const Categorical q(logits());
  Draw draw(1, 100);
  const auto value = q.rsample(draw).value;
  CHECK(value.sizes() == at::IntArrayRef({100, 1, 4}));
  CHECK(at::equal(value.sum(-1), at::ones({100, 1}, at::kDouble)));
  CHECK(at::equal(value * value, value));
  // Five standard deviations of a share.
  const auto p = doubles({0.1, 0.2, 0.3, 0.4});
  CHECK(((shares(q, 40'000) - p).abs() < 5 * (p * (1 - p) / 40'000).sqrt()).all().item<bool>());
}

TEST_CASE("the largest of a relaxed draw is as frequent as its probability, at any temperature") {
  const auto p = doubles({0.1, 0.2, 0.3, 0.4});
  for (const double temperature : {0.1, 1.0, 10.0}) {
    const Categorical q(logits(), Relaxation{temperature, false});
    CHECK(((shares(q, 40'000) - p).abs() < 5 * (p * (1 - p) / 40'000).sqrt()).all().item<bool>());
  }
}

TEST_CASE("relaxed draws lie on the simplex, at its corners when cold and in its middle when hot") {
  const auto largest = [](double temperature) {
    Draw draw(2, 1000);
    const auto value = Categorical(logits(), Relaxation{temperature, false}).rsample(draw).value;
    CHECK(close(value.sum(-1), at::ones({1000, 1}, at::kDouble)));
    return number(std::get<0>(value.max(-1)).mean());
  };
  CHECK(largest(0.01) > 0.98);
  CHECK(largest(1000) < 0.26);
}

TEST_CASE("a straight-through draw is one-hot and has the gradient of the relaxed one") {
  const auto weight = doubles({1, -2, 3, 0.5});
  const auto gradient = [&](bool straight_through) {
    auto leaf = logits().clone().set_requires_grad(true);
    Draw draw(4, 5);
    const auto value = Categorical(leaf, Relaxation{0.7, straight_through}).rsample(draw).value;
    if (straight_through) {
      const auto hard = value.detach();
      CHECK(close(std::get<0>(hard.max(-1)), at::ones({5, 1}, at::kDouble)));
      CHECK(close(hard.sum(-1), at::ones({5, 1}, at::kDouble)));
    }
    (value * weight).sum().backward();
    return leaf.grad();
  };
  CHECK(close(gradient(true), gradient(false)));
}

TEST_CASE("the gradient of relaxed draws is that of finite differences") {
  const auto value = [](const Tensor& leaf) {
    Draw draw(5, 3);
    const Categorical q(leaf, Relaxation{0.5, false});
    return (q.rsample(draw).value * doubles({1, -2, 3, 0.5})).sum() +
           q.kl_to(*Categorical::uniform(4, at::kCPU)).sum();
  };
  CHECK(gradient_error(value, logits()) < 1e-6);
}

TEST_CASE("logits of 10,000 either way give finite draws, divergences and gradients in float32") {
  for (const double size : {1e4, -1e4})
    for (const double temperature : {1e-3, 0.1, 1.0})
      for (const bool straight_through : {false, true}) {
        auto leaf = at::zeros({1, 50, 10}, at::kFloat);
        leaf.select(-1, 3).fill_(size);
        leaf.set_requires_grad(true);
        const Categorical q(leaf, Relaxation{temperature, straight_through});
        Draw draw(6, 20);
        const auto value = q.rsample(draw).value;
        const auto divergence = q.kl_to(*Categorical::uniform(10, at::kCPU));
        CHECK(value.isfinite().all().item<bool>());
        CHECK(divergence.isfinite().all().item<bool>());
        CHECK(number(divergence.max()) <= std::log(10.0) + 1e-5);
        CHECK(q.log_prob(value).isfinite().all().item<bool>());
        CHECK(q.entropy().isfinite().all().item<bool>());
        ((value * at::arange(10, at::kFloat)).sum() + divergence.sum() + q.entropy().sum())
            .backward();
        CHECK(leaf.grad().isfinite().all().item<bool>());
      }
}

TEST_CASE("the mode of categories is the most probable one, one-hot") {
  const Categorical categories(doubles({0, 2, 1, 5, -1, 4}).view({1, 2, 3}));
  CHECK(at::equal(categories.mode().to(at::kDouble), doubles({0, 1, 0, 1, 0, 0}).view({1, 2, 3})));
}
