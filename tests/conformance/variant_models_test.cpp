#include <ATen/Functions.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "shared/inverse_autoregressive_flow.hpp"
#include "shared/planar_flow.hpp"
#include "support/catch.hpp"
#include "unit/math/support.hpp"
#include "unit/training/support.hpp"
#include "varia/distributions.hpp"
#include "varia/error.hpp"
#include "varia/normal_mixture.hpp"

// Models with other priors, posteriors and latent variables than one Gaussian code.

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

Run run_of(const std::string& model, const std::string& loss = "elbo") {
  return Run("data: {use: synthetic, size: 6, batch: 20}\nmodel: {use: " + model +
             "}\nloss: {use: " + loss + "}\noptimizer: {use: adam}\ntrain: {epochs: 100}\n");
}

Batch images(const Run& run, std::int64_t count) {
  Draw draw(1);
  return run.components.data->splits.train.slice(0, count, draw);
}

/// Maps of every strength; with `along`, w u is far below -1, where u must be moved.
std::vector<Tensor> some_maps(std::int64_t count, std::int64_t dimensions, bool along) {
  std::vector<Tensor> maps;
  for (std::int64_t i = 0; i < count; ++i) {
    auto map = 1.5 * Draw(static_cast<std::uint64_t>(i) + 7)
                         .normal({1, 1, models::PlanarFlow::parameter_count(dimensions)})
                         .to(at::kDouble);
    if (along) map.slice(-1, dimensions, 2 * dimensions).copy_(-2 * map.slice(-1, 0, dimensions));
    maps.push_back(map);
  }
  return maps;
}

models::PlanarFlow flow_of(std::int64_t dimensions, bool along) {
  const auto mean = at::full({1, 1, dimensions}, 0.3, at::kDouble);
  return models::PlanarFlow(Normal(mean, at::full_like(mean, -0.5)),
                            some_maps(3, dimensions, along));
}

}  // namespace

TEST_CASE("the density of a planar flow integrates to one") {
  for (const bool along : {false, true}) {
    const auto line = grid(-30, 30, 6001);
    const auto one = flow_of(1, along).log_density(line.view({1, -1, 1}));
    REQUIRE(one.sizes() == at::IntArrayRef({1, 6001, 1}));
    CHECK(integral(one.exp(), -30, 30) == Approx(1).epsilon(1e-3));
  }
  const auto axis = grid(-15, 15, 601);
  const auto mesh = at::meshgrid({axis, axis}, "ij");
  const auto plane = at::stack({mesh[0], mesh[1]}, -1).view({1, -1, 2});
  const auto density = flow_of(2, false).log_density(plane).exp().view({601, 601});
  double sum = 0;
  for (std::int64_t i = 0; i < 601; ++i) sum += integral(density[i], -15, 15) * 30 / 600;
  CHECK(sum == Approx(1).epsilon(5e-3));
}

TEST_CASE("a planar flow's draws know their density, and have it") {
  for (const bool along : {false, true}) {
    const auto flow = flow_of(3, along);
    Draw draw(2, 50);
    const auto drawn = flow.rsample(draw);
    CHECK(close(drawn.log_q, flow.log_prob(drawn.value), 1e-4, 1e-4));
    // In one dimension against the distribution function, by the trapezoidal rule.
    const auto line = flow_of(1, along);
    constexpr double kReach = 40, kStep = 0.002;
    const auto points = grid(-kReach, kReach, 40'001);
    const auto density = line.log_density(points.view({1, -1, 1})).exp().flatten();
    const auto below = kStep * (density.cumsum(0) - 0.5 * density);
    Draw many(3, 2000);
    CHECK(kolmogorov_distance(line.rsample(many).value, [&](const Tensor& x) {
            const auto place = ((x + kReach) / kStep).clamp(0, 39'999);
            const auto left = place.to(at::kLong);
            const auto from = below.take(left);
            return from + (place - left) * (below.take(left + 1) - from);
          }) < kOnceInAMillion);
  }
}

TEST_CASE("the gradient of a planar flow's density is that of finite differences") {
  const auto flow = flow_of(2, false);
  const auto at_value = Draw(4).normal({1, 3, 2}).to(at::kDouble);
  CHECK(gradient_error([&](const Tensor& value) { return flow.log_prob(value).sum(); }, at_value) <
        1e-5);
  const auto maps = some_maps(1, 2, false)[0];
  const auto mean = at::zeros({1, 1, 2}, at::kDouble);
  CHECK(gradient_error(
            [&](const Tensor& map) {
              return models::PlanarFlow(Normal(mean, mean), {map}).log_prob(at_value).sum();
            },
            maps) < 1e-5);
}

TEST_CASE("the posterior of a flow is weighed by the density of its own draws") {
  const auto model = GENERATE(as<std::string>(), "flow_vae, flows: 4",
                              "iaf_vae, steps: 3, step_hidden: [8], context: 4");
  const auto run = run_of(model + ", hidden: [12], latent: 3");
  Draw draw(5, 6);
  const auto inference = run.components.model->infer(images(run, 4), draw);
  const auto& z = inference.blocks[0];
  CHECK(close(z.log_q, z.posterior->log_prob(z.value), 1e-3, 1e-3));
  CHECK(close(inference.log_weight(),
              inference.log_likelihood() + z.prior->log_prob(z.value) - z.log_q));
}

namespace {

/// Two steps that move much, over `dimensions`.
models::InverseAutoregressiveFlow iaf_of(std::int64_t dimensions) {
  models::InverseAutoregressiveFlow::Networks steps;
  for (std::uint64_t i = 0; i < 2; ++i) {
    const auto step =
        std::make_shared<AutoregressiveNetwork>(dimensions, 2, std::vector<std::int64_t>{6, 5}, 2);
    step->to(at::kDouble);
    const at::NoGradGuard no_grad;
    Draw draw(i + 11);
    for (auto& parameter : step->parameters()) parameter.copy_(draw.normal(parameter.sizes()));
    steps.push_back(step);
  }
  const auto mean = at::full({1, 1, dimensions}, 0.3, at::kDouble);
  return {Normal(mean, at::full_like(mean, -0.5)), doubles({0.7, -1.2}).view({1, 1, 2}), steps};
}

}  // namespace

TEST_CASE("an autoregressive network sees the dimensions before, and the context, alone") {
  const AutoregressiveNetwork network(4, 3, {7, 9}, 2);
  const auto points = Draw(1).normal({1, 4}), context = Draw(2).normal({1, 2});
  const auto before = network.forward(points, context);
  REQUIRE(before.sizes() == at::IntArrayRef({1, 3, 4}));
  for (std::int64_t changed = 0; changed < 4; ++changed) {
    auto others = points.clone();
    others.select(1, changed).add_(1);
    const auto differs = network.forward(others, context).ne(before)[0].all(0);
    for (std::int64_t d = 0; d < 4; ++d) CHECK(differs[d].item<bool>() == (d > changed));
  }
  CHECK(network.forward(points, context + 1).ne(before).all().item<bool>());
}

TEST_CASE("an autoregressive network that is narrower than its points sees all of them") {
  const auto points = Draw(1).normal({1, 12});
  for (const std::int64_t width : {1, 3, 11}) {
    const AutoregressiveNetwork network(12, 1, {width, width}, 0);
    const auto before = network.forward(points, {});
    for (std::int64_t changed = 0; changed < 12; ++changed) {
      auto others = points.clone();
      others.select(1, changed).add_(1);
      const auto differs = network.forward(others, {}).ne(before)[0][0];
      INFO(width << " units, dimension " << changed);
      CHECK(differs[11].item<bool>() == (changed < 11));
      CHECK_FALSE(differs.slice(0, 0, changed + 1).any().item<bool>());
    }
  }
}

TEST_CASE("the density of an inverse autoregressive flow integrates to one") {
  const auto axis = grid(-8, 8, 801);
  const auto mesh = at::meshgrid({axis, axis}, "ij");
  const auto plane = at::stack({mesh[0], mesh[1]}, -1).view({1, -1, 2});
  const at::NoGradGuard no_grad;
  const auto density = iaf_of(2).log_density(plane).exp().view({801, 801});
  double sum = 0;
  for (std::int64_t i = 0; i < 801; ++i) sum += integral(density[i], -8, 8) * 16 / 800;
  CHECK(sum == Approx(1).epsilon(5e-3));
}

TEST_CASE("an inverse autoregressive flow's draws know their density") {
  const auto flow = iaf_of(4);
  Draw draw(2, 50);
  const auto drawn = flow.rsample(draw);
  CHECK(close(drawn.log_q, flow.log_prob(drawn.value), 1e-4, 1e-4));
  const auto at_value = Draw(4).normal({1, 3, 4}).to(at::kDouble);
  CHECK(gradient_error([&](const Tensor& value) { return flow.log_prob(value).sum(); }, at_value) <
        1e-5);
}

TEST_CASE("the prior of vamp_vae is the mixture of its pseudo-inputs' posteriors") {
  const auto run = run_of("vamp_vae, hidden: [12], latent: 3, pseudo_inputs: 7");
  auto& model = *run.components.model;
  const auto pseudo = run.tensor("model.pseudo_inputs").detach().view({7, 1, 6, 6});
  // They start at images of the training split.
  const auto all = images(run, 60).input.flatten(1);
  for (std::int64_t i = 0; i < 7; ++i)
    CHECK(number((all - pseudo[i].flatten()).abs().sum(1).min()) == Approx(0).margin(1e-6));
  Draw draw(6, 2);
  const auto of_pseudo = model.encode({pseudo, pseudo, {}, {}, {}}, draw)[0].posterior;
  const auto block = model.encode(images(run, 5), draw)[0];
  auto sum = at::zeros({2, 5}, at::kDouble);
  for (std::int64_t m = 0; m < 7; ++m)
    sum +=
        Normal(of_pseudo->mean().slice(1, m, m + 1), of_pseudo->variance().slice(1, m, m + 1).log())
            .log_prob(block.value)
            .to(at::kDouble)
            .exp();
  CHECK(close(block.prior->log_prob(block.value), (sum / 7).log(), 1e-4, 1e-4));
  CHECK(close(model.latents()[0].prior->log_prob(block.value), (sum / 7).log(), 1e-4, 1e-4));
}

TEST_CASE("the pseudo-inputs of vamp_vae start at samples and stay in the domain of the data") {
  const auto run_on = [](const std::string& data) {
    return Run("data: {use: " + data +
               ", batch: 20}\nmodel: {use: vamp_vae, hidden: [12], latent: 3, pseudo_inputs: 1}\n"
               "loss: {use: elbo}\noptimizer: {use: adam}\ntrain: {epochs: 1}\n");
  };
  const at::NoGradGuard no_grad;
  for (const auto* data : {"synthetic", "synthetic, counts: true", "stretched_gaussians_2d"}) {
    INFO(data);
    const auto run = run_on(data);
    Draw draw(9);
    const auto all =
        run.components.model->encode(images(run, run.components.data->splits.train.size()), draw);
    const auto distance =
        all[0].posterior->mean()[0] - run.components.model->latents()[0].prior->mean()[0];
    CHECK(number(distance.abs().sum(1).min()) == Approx(0).margin(1e-5));
  }
  const auto prior_at = [](const Run& run, double pseudo_input) {
    run.tensor("model.pseudo_inputs").fill_(pseudo_input);
    return run.components.model->latents()[0].prior->mean();
  };
  const auto unit = run_on("synthetic"), counts = run_on("synthetic, counts: true"),
             real = run_on("stretched_gaussians_2d");
  CHECK(prior_at(unit, -5).equal(prior_at(unit, 0)));
  CHECK(prior_at(unit, 5).equal(prior_at(unit, 1)));
  CHECK(prior_at(counts, -5).equal(prior_at(counts, 0)));
  CHECK_FALSE(prior_at(counts, 5).equal(prior_at(counts, 1)));
  CHECK_FALSE(prior_at(real, -5).equal(prior_at(real, 0)));
  CHECK_FALSE(prior_at(real, 5).equal(prior_at(real, 1)));
}

TEST_CASE("vamp_vae refuses a normalisation by which posteriors and prior would differ") {
  CHECK_NOTHROW(run_of("vamp_vae, hidden: [12], latent: 3, layers: {normalisation: layer}"));
  CHECK_THROWS_WITH(run_of("vamp_vae, hidden: [12], latent: 3, layers: {normalisation: batch}"),
                    Catch::Matchers::ContainsSubstring("normalisation: expected none or layer"));
}

TEST_CASE("what the image says of the ladder's lower code does not depend on the upper one") {
  const auto run = run_of("ladder_vae, hidden: [12], latent: 3, top_hidden: [8], top_latent: 2");
  Draw draw(7, 50);
  const auto inference = run.components.model->infer(images(run, 4), draw);
  const auto& z1 = inference.blocks[0];
  // q(z1 | x, z2) over p(z1 | z2) is what the image says: a Gaussian of its own.
  const auto q = z1.posterior->variance().reciprocal(), p = z1.prior->variance().reciprocal();
  const auto precision = q - p;
  CHECK(number(precision.min()) > 0);
  CHECK(number(precision.std(0).max() / precision.mean()) < 1e-4);
  const auto mean = (z1.posterior->mean() * q - z1.prior->mean() * p) / precision;
  CHECK(number(mean.std(0).max()) < 1e-4);
  // And z2 matters to what was expected.
  CHECK(number(z1.prior->mean().std(0).max()) > 1e-3);
}

TEST_CASE("the KL divergences of the ladder's two codes are the mean of its weights") {
  const auto run = run_of("ladder_vae, hidden: [12], latent: 3, top_hidden: [8], top_latent: 2");
  const at::NoGradGuard no_grad;
  Draw draw(8, 20'000);
  const auto inference = run.components.model->infer(images(run, 3), draw);
  const auto estimate = inference.log_likelihood() - inference.log_weight();  // [K, B]
  const auto error = estimate.std(0) / std::sqrt(20'000.0);
  const auto truth = inference.kl_per_sample(0) + inference.kl_per_sample(1);
  CHECK(((estimate.mean(0) - truth).abs() < 5 * error + 1e-4).all().item<bool>());
}

TEST_CASE("a ladder draws its lower code given the upper one") {
  const auto run = run_of("ladder_vae, hidden: [12], latent: 3, top_hidden: [8], top_latent: 2");
  auto& model = *run.components.model;
  const at::NoGradGuard no_grad;
  Draw draw(9);
  const auto blocks = model.encode(images(run, 1), draw);
  const std::int64_t n = 40'000;
  const auto z1 =
      model.sample_prior(n, {{"z2", blocks[1].value.expand({1, n, 2}).contiguous()}}, draw)
          .at("z1")[0];
  CHECK(close(z1.mean(0), blocks[0].prior->mean()[0][0], 0, 0.05));
  CHECK(close(z1.var(0), blocks[0].prior->variance()[0][0], 0.05));
  const auto given = draw.normal({1, 4, 3});
  CHECK(at::equal(model.sample_prior(4, {{"z1", given}}, draw).at("z1"), given));
}

namespace {

const char* const kVq = "vq_vae, hidden: [12], codes: 4, size: 2, codebook: 5, decay: 0.9";

}  // namespace

TEST_CASE("a quantised code is the nearest vector, and passes its gradient straight through") {
  const auto run = run_of(kVq, "vq");
  Draw draw(10);
  const auto batch = images(run, 6);
  const auto inference = run.components.model->infer(batch, draw);
  const auto codebook = run.tensor("model.codebook");
  const auto& encoded = inference.extras.at("encoded");
  for (std::int64_t b = 0; b < 6; ++b)
    for (std::int64_t c = 0; c < 4; ++c) {
      const auto nearest = (codebook - encoded[b][c]).square().sum(1).argmin();
      CHECK(close(inference.blocks[0].value[0][b].view({4, 2})[c],
                  codebook[nearest.item<std::int64_t>()], 1e-4, 1e-5));
    }
  // d value / d encoded is the identity.
  const auto direction = draw.normal({6, 4, 2});
  const auto gradient = torch::autograd::grad(
      {(inference.blocks[0].value[0].view({6, 4, 2}) * direction).sum()}, {encoded}, {}, true)[0];
  CHECK(close(gradient, direction));
  Draw other(1);
  const auto terms = run.components.loss->evaluate(inference, {batch, other, {}, 60, "train"});
  const auto distance = (inference.blocks[0].value[0] - encoded.flatten(1)).square().sum(1).mean();
  CHECK(number(terms.objective) ==
        Approx(number(reconstruction(inference) + 0.25 * distance)).epsilon(1e-4));
}

TEST_CASE("the codebook follows the codes that chose each vector by moving averages") {
  const auto run = run_of(kVq, "vq");
  auto& model = *run.components.model;
  const auto batch = images(run, 20);
  const at::NoGradGuard no_grad;
  const auto after_step = [&](std::int64_t step) {
    Draw noise(11), draw(12);
    const auto inference = model.infer(batch, noise);
    model.after_step(inference, {batch, draw, {step, 0}, 60, "train"});
    return inference;
  };
  // It begins at codes of the first batch.
  const auto first = after_step(0).extras.at("encoded").flatten(0, 1);
  for (std::int64_t v = 0; v < 5; ++v)
    CHECK(number((first - run.tensor("model.codebook")[v]).abs().sum(1).min()) == 0);
  // Two steps: N = 0.9 N + 0.1 n and m = 0.9 m + 0.1 sum, by hand.
  auto counts = at::ones({5}), sums = run.tensor("model.codebook").clone();
  for (std::int64_t step = 1; step <= 2; ++step) {
    const auto inference = after_step(step);
    const auto chosen = inference.extras.at("index").flatten();
    for (std::int64_t v = 0; v < 5; ++v) {
      const auto own = chosen.eq(v);
      counts[v] = 0.9 * counts[v] + 0.1 * own.sum();
      sums[v] = 0.9 * sums[v] + 0.1 * first.index({own}).sum(0);
    }
    CHECK(close(run.tensor("model.codebook"), sums / counts.unsqueeze(1), 1e-4, 1e-5));
  }
}

TEST_CASE("a codebook that comes from another trial stays, and a frozen one does not move") {
  const auto codebook = at::arange(10, at::kFloat).view({5, 2});
  const at::NoGradGuard no_grad;
  const auto run = run_of(kVq, "vq");
  run.tensor("model.codebook").copy_(codebook);
  Draw noise(11), draw(12);
  const auto batch = images(run, 20);
  run.components.model->after_step(run.components.model->infer(batch, noise),
                                   {batch, draw, {0, 0}, 60, "train"});
  CHECK(at::equal(run.tensor("model.codebook"), codebook));
  CHECK(at::equal(run.tensor("model.sums"), codebook));

  auto frozen = run_of(std::string(kVq) + ", freeze: [codebook]", "vq");
  const auto before = frozen.tensor("model.codebook").clone();
  const auto counts = frozen.tensor("model.counts").clone();
  const at::AutoGradMode with_gradients(true);
  for (std::int64_t step = 0; step < 3; ++step) frozen.trainer.step(step);
  CHECK(at::equal(frozen.tensor("model.codebook"), before));
  CHECK_FALSE(at::equal(frozen.tensor("model.counts"), counts));
}

TEST_CASE("prior draws of quantised codes are vectors of the codebook, as often as they are used") {
  const auto run = run_of(kVq, "vq");
  const at::NoGradGuard no_grad;
  run.tensor("model.counts").copy_(at::tensor({1.F, 2.F, 3.F, 4.F, 0.F}));
  Draw draw(13);
  const auto z = run.components.model->sample_prior(20'000, {}, draw).at("z");
  const auto codebook = run.tensor("model.codebook");
  const auto codes = z.view({-1, 2});
  for (std::int64_t v = 0; v < 5; ++v) {
    const auto share = codes.eq(codebook[v]).all(1).to(at::kDouble).mean();
    CHECK(number(share) == Approx(v == 4 ? 0 : 0.1 * static_cast<double>(v + 1)).margin(0.01));
  }
}

TEST_CASE("the loss vq needs a codebook") { CHECK_THROWS_AS(run_of("mlp_vae", "vq"), ConfigError); }
