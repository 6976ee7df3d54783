#include <ATen/Functions.h>

#include "support/catch.hpp"
#include "unit/math/support.hpp"
#include "unit/training/support.hpp"
#include "varia/error.hpp"

// Models that are told covariates, and counts.

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

Run run_of(const std::string& model) {
  return Run("data: {use: cells, batch: 20}\nmodel: " + model +
             "\nloss: {use: elbo}\noptimizer: {use: adam, lr: 1e-2}\ntrain: {epochs: 200}\n");
}

Batch everything(const Run& run) {
  Draw draw(1);
  return run.components.data->splits.train.slice(0, 60, draw);
}

/// The mean of the first gene as a share of the total, in the batch that a covariate says.
double share_of_first(Run& run, double covariate) {
  const torch::NoGradGuard no_grad;
  auto& model = *run.components.model;
  Draw draw(5);
  auto values = model.sample_prior(200, {}, draw);
  values["covariates"] = at::full({1, 200, 1}, covariate);
  const auto mean = model.decode(values)->mean()[0];
  return number((mean.select(1, 0) / mean.sum(1)).mean());
}

}  // namespace

TEST_CASE("a model that is told the covariates has them as an observed latent variable") {
  for (const auto* model : {"{use: cell_vae, hidden: [16], latent: 2}",
                            "{use: conditional_vae, hidden: [16], latent: 2}",
                            "{use: cell_vae, hidden: [16], latent: 2, encode_covariates: true}"}) {
    INFO(model);
    auto run = run_of(model);
    const auto latents = run.components.model->latents();
    REQUIRE(latents.size() == 2);
    CHECK(latents[1].name == "covariates");
    CHECK(latents[1].observed);
    Draw draw(2, 3);
    const auto batch = everything(run);
    const auto inference = run.components.model->infer(batch, draw);
    CHECK(inference.log_likelihood().sizes() == at::IntArrayRef({3, 60}));
    CHECK(inference.blocks[1].value.select(0, 2).equal(batch.covariates));
    // Given alone, and not drawn: they have no KL divergence.
    CHECK_FALSE(inference.kl(1).defined());
    CHECK(run.components.model->bound() == "log p(x|covariates)");
    // Samples that are not told them are told the mean.
    const auto drawn = run.components.model->sample_prior(4, {}, draw);
    CHECK(drawn.at("covariates").equal(at::full({1, 4, 1}, 0.5)));
  }
}

TEST_CASE("trained on counts of two batches, a decoder tells them apart by the covariate") {
  auto run = run_of("{use: cell_vae, hidden: [16], latent: 2}");
  for (std::int64_t step = 0; step < 600; ++step) run.trainer.step(step);
  // Ten of 21, and one of 12.
  CHECK(share_of_first(run, 1) == Approx(10.0 / 21).margin(0.08));
  CHECK(share_of_first(run, 0) == Approx(1.0 / 12).margin(0.03));
}

TEST_CASE("a model that is not told the covariates of its data is refused") {
  CHECK_THROWS_WITH(run_of("{use: mlp_vae, hidden: [16], latent: 2}"),
                    Catch::Matchers::ContainsSubstring(
                        "model mlp_vae is not told the covariates of the data; conditional_vae and "
                        "cell_vae are"));
}

TEST_CASE("the likelihood of a cell takes its total as given by default") {
  auto run = run_of("{use: cell_vae, hidden: [16], latent: 2}");
  const torch::NoGradGuard no_grad;
  Draw draw(2);
  const auto batch = everything(run);
  const auto mean = run.components.model->infer(batch, draw).likelihood->mean()[0].sum(1);
  const auto truth = run.components.data->splits.train.mean().sum();
  CHECK(close(mean, truth.expand_as(mean), 1e-4));
}
