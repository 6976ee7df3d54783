#include <ATen/Functions.h>

#include "known_model.hpp"
#include "support/catch.hpp"
#include "training/evaluation/evaluator.hpp"
#include "unit/math/support.hpp"
#include "unit/training/support.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

TEST_CASE("samples are decoded from draws of the model's prior") {
  KnownModel model(2);
  const auto split = known_split("train", at::zeros({3, 2}));
  const auto tiles = show("{use: samples, rows: 30, columns: 20}", model, split).pictures[0].tiles;
  REQUIRE(tiles.sizes() == at::IntArrayRef({30, 20, 1, 1, 2}));
  const auto codes = codes_in(tiles, 2).flatten();
  CHECK(number(codes.mean()) == Approx(0).margin(0.15));
  CHECK(number(codes.std()) == Approx(1).margin(0.1));
}

TEST_CASE("samples of a fitted density lie where the codes of the training images do") {
  KnownModel model(2, 3);
  const auto train = known_split("train", Draw(1).normal({400, 2}) * 2 + at::tensor({10.0, -20.0}),
                                 {}, at::arange(400, at::kLong).remainder(3), 3);
  const auto test = known_split("test", at::zeros({5, 2}), {}, at::zeros({5}, at::kLong), 3);
  for (const bool sampled : {false, true}) {
    const auto view = std::string("{use: samples, rows: 30, columns: 20, sampled: ") +
                      (sampled ? "true" : "false") + ", prior: {use: gmm, components: 1}}";
    const auto tiles = show(view, model, train, test).pictures[0].tiles;
    const auto codes = codes_in(tiles, 2).flatten(0, 1);
    CHECK(number(codes.select(1, 0).mean()) == Approx(10).margin(0.5));
    CHECK(number(codes.select(1, 1).mean()) == Approx(-20).margin(0.5));
    // A draw of a code adds the posterior's variance, 1.
    CHECK(number(codes.select(1, 0).std()) == Approx(sampled ? 2.236 : 2).margin(0.2));
    CHECK(number(tiles.slice(-1, 2).sum(-1).min()) == 1);  // categories come from the prior
  }
}

TEST_CASE("a fitted density stands in for the prior that a model lacks") {
  const std::string trial =
      "data: {use: synthetic, count: 40, batch: 20}\nmodel: {use: autoencoder}\n"
      "loss: {use: elbo}\noptimizer: {use: adam}\ntrain: {epochs: 1}\nviews: ";
  const auto made = [&](const std::string& view) {
    Run run(trial + "[" + view + "]\n");
    const training::Evaluator evaluator(run.components, run.trial, registry(), 1);
  };
  CHECK_NOTHROW(made("{use: samples, prior: {use: moments}}"));
  CHECK_THROWS_WITH(made("samples"),
                    Catch::Matchers::ContainsSubstring("draws from the model's prior"));
}
