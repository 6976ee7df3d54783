#include <ATen/Functions.h>

#include <cmath>

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
      training::configure(registry(), "loss", yaml("{use: iwae" + options + "}")), {});
}

/// Draws of one image with known weights: ln p(x | z) is a leaf, and there is no code.
struct Weights {
  explicit Weights(Tensor log_weights)
      : leaf(log_weights.detach().clone().set_requires_grad(true)),
        images(at::ones({leaf.size(1), 1, 1, 1}, at::kDouble)),
        batch{.input = images, .target = images},
        inference(batch) {
    // ln N(1; 1, v) is -(ln v + ln 2 pi) / 2: any weight.
    const auto log_var = -2 * leaf - std::log(2 * M_PI);
    inference.likelihood =
        std::make_shared<Normal>(at::ones_like(leaf).unflatten(1, {leaf.size(1), 1, 1, 1}),
                                 log_var.unflatten(1, {leaf.size(1), 1, 1, 1}));
  }

  Tensor objective(Loss& loss) {
    Draw draw(1);
    return loss.evaluate(inference, {batch, draw, {}, 60, "train"}).objective;
  }

  Tensor leaf;
  Tensor images;
  Batch batch;
  Inference inference;
};

Tensor some_weights(std::int64_t samples, std::int64_t images) {
  return 2 * Draw(5).normal({samples, images}).to(at::kDouble) - 80;
}

double mean_exponential(const Tensor& log_weights) {
  return std::log(number(log_weights.exp().mean()));
}

}  // namespace

TEST_CASE("the importance-weighted objective is minus the logarithm of the mean weight") {
  const auto w = some_weights(6, 2);
  Weights weights(w);
  const double first = mean_exponential(w.select(1, 0)), second = mean_exponential(w.select(1, 1));
  CHECK(number(weights.objective(*make(""))) == Approx(-(first + second) / 2));
  // The sum of w ln w, which is often reported, is higher; the mean of ln w is lower.
  const auto normalised = w.softmax(0);
  CHECK(number((normalised * w).sum(0).mean()) > (first + second) / 2 + 0.1);
  CHECK(number(w.mean()) < (first + second) / 2 - 0.1);
}

TEST_CASE("each draw's gradient is its share of the weights, through the logarithm alone") {
  const auto w = some_weights(6, 2);
  Weights weights(w);
  weights.objective(*make("")).backward();
  // Were the shares differentiated too, or the sign turned, the gradient would be another.
  CHECK(close(weights.leaf.grad(), -w.softmax(0) / 2));
}

TEST_CASE("groups of draws average their bounds, and the ELBO may be mixed in") {
  const auto w = some_weights(6, 1);
  Weights weights(w);
  const double grouped =
      (mean_exponential(w.slice(0, 0, 3)) + mean_exponential(w.slice(0, 3, 6))) / 2;
  CHECK(number(weights.objective(*make(", groups: 2"))) == Approx(-grouped));
  CHECK(number(weights.objective(*make(", groups: 6"))) == Approx(-number(w.mean())));
  CHECK(number(weights.objective(*make(", elbo: 1"))) == Approx(-number(w.mean())));
  CHECK(number(weights.objective(*make(", elbo: 0.25"))) ==
        Approx(-0.25 * number(w.mean()) - 0.75 * mean_exponential(w)));
  CHECK_THROWS_AS(weights.objective(*make(", groups: 4")), ConfigError);
  // In an evaluation, with a draw for each image, there are no groups.
  const auto loss = make(", groups: 2");
  loss->eval();
  Weights single(w.slice(0, 0, 1));
  CHECK(number(single.objective(*loss)) == Approx(-number(w[0][0])));
}

TEST_CASE("the objective falls with the number of draws and stays above the evidence") {
  double last = 1e9;
  for (const auto* samples : {"1", "3", "30"}) {
    Run run(
        "data: {use: synthetic, count: 50, batch: 50, size: 4}\n"
        "model: {use: linear_gaussian, shift: 0.3, widen: 1}\nloss: {use: iwae}\n"
        "optimizer: {use: adam}\ntrain: {epochs: 1000, samples: " +
        std::string(samples) + "}\n");
    Draw none(0);
    const auto batch = run.components.data->splits.train.slice(0, 50, none);
    const double truth = -number(linear_gaussian_log_evidence(batch.input).mean());
    double mean = 0;
    for (std::uint64_t key = 1; key <= 200; ++key) {
      Draw noise(key, run.components.train->samples()), draw(0);
      const auto inference = run.components.model->infer(batch, noise);
      mean +=
          number(
              run.components.loss->evaluate(inference, {batch, draw, {}, 50, "train"}).objective) /
          200;
    }
    CHECK(mean < last);
    CHECK(mean > truth - 1e-3);
    last = mean;
  }
}

TEST_CASE("a model without a density has nothing to weigh its draws by") {
  CHECK_THROWS_AS(Run("data: {use: synthetic}\nmodel: {use: autoencoder}\nloss: {use: iwae}\n"
                      "optimizer: {use: adam}\ntrain: {epochs: 1}\n"),
                  ConfigError);
}
