#include <ATen/Functions.h>

#include "support/catch.hpp"
#include "unit/math/support.hpp"
#include "unit/training/support.hpp"
#include "varia/distributions.hpp"
#include "varia/error.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

std::shared_ptr<Loss> make(const std::string& options) {
  return training::make<Loss>(
      training::configure(registry(), "loss", yaml("{use: elbo" + options + "}")), {});
}

/// The inputs of a loss in float64: two blocks, two draws of three images.
struct Setting {
  Setting() {
    Draw draw(1);
    mean = draw.normal({1, 3, 2}).to(at::kDouble);
    log_var = draw.normal({1, 3, 2}).to(at::kDouble);
    logits = draw.normal({2, 3, 1, 2, 2}).to(at::kDouble);
    images = draw.uniform({3, 1, 2, 2}).to(at::kDouble);
  }

  Tensor loss(Loss& loss, const Tensor& m, const Tensor& v, const Tensor& l) const {
    const Batch batch{.input = images, .target = images};
    Inference inference(batch);
    const auto prior = Normal::unit({2}, torch::kCPU);
    inference.blocks = {{"z", std::make_shared<Normal>(m, v), prior, m, {}},
                        {"y", std::make_shared<Normal>(v, m), prior, v, {}}};
    inference.likelihood = std::make_shared<Bernoulli>(l);
    Draw draw(2);
    return loss.evaluate(inference, {batch, draw, {}, 3, "train"}).objective;
  }

  double kl() const {
    return number((kl_to_unit_normal(mean, log_var) + kl_to_unit_normal(log_var, mean)).sum()) / 3;
  }
  double distortion() const { return -number((images * logits - at::softplus(logits)).sum()) / 6; }

  Tensor mean, log_var, logits, images;
};

}  // namespace

TEST_CASE("the elbo is reconstruction + beta KL, or reconstruction + gamma |KL - C|") {
  const Setting s;
  const auto value = [&](const std::string& options) {
    return number(s.loss(*make(options), s.mean, s.log_var, s.logits));
  };
  CHECK(value("") == Approx(s.distortion() + s.kl()));
  CHECK(value(", beta: 0") == Approx(s.distortion()));
  CHECK(value(", beta: 4") == Approx(s.distortion() + 4 * s.kl()));
  REQUIRE(s.kl() > 1);
  REQUIRE(s.kl() < 50);
  CHECK(value(", capacity: 1, gamma: 10") == Approx(s.distortion() + 10 * (s.kl() - 1)));
  CHECK(value(", capacity: 50, gamma: 10") == Approx(s.distortion() + 10 * (50 - s.kl())));
}

TEST_CASE("the gradients of the elbo are those of finite differences, on both sides of C") {
  const Setting s;
  for (const auto* options :
       {"", ", beta: 4", ", capacity: 1, gamma: 10", ", capacity: 50, gamma: 10"}) {
    const auto made = make(options);
    CHECK(gradient_error([&](const Tensor& x) { return s.loss(*made, x, s.log_var, s.logits); },
                         s.mean) < 1e-6);
    CHECK(gradient_error([&](const Tensor& x) { return s.loss(*made, s.mean, x, s.logits); },
                         s.log_var) < 1e-6);
    CHECK(gradient_error([&](const Tensor& x) { return s.loss(*made, s.mean, s.log_var, x); },
                         s.logits) < 1e-6);
  }
}

TEST_CASE("a capacity needs a weight, and excludes beta") {
  CHECK_THROWS_AS(make(", capacity: 5"), ConfigError);
  CHECK_THROWS_AS(make(", gamma: 5"), ConfigError);
  CHECK_THROWS_AS(make(", capacity: 5, gamma: 1, beta: 2"), ConfigError);
}

TEST_CASE("a capacity holds the KL divergence at its value") {
  Run run(
      "data: {use: synthetic, batch: 60}\n"
      "model: {use: mlp_vae, hidden: [32], latent: 3}\n"
      "loss: {use: elbo, capacity: 4, gamma: 100}\n"
      "optimizer: {use: adam, lr: 3e-3}\n"
      "train: {epochs: 1000}\n");
  double kl = 0;
  for (std::int64_t step = 0; step < 600; ++step) kl = run.step(step).at("kl");
  CHECK(kl == Approx(4).margin(0.1));
}
