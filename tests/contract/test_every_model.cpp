#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>

#include "support/catch.hpp"
#include "unit/math/support.hpp"
#include "unit/runner/support.hpp"
#include "varia/likelihood.hpp"

using namespace varia;
using namespace varia::test;

namespace {

bool takes(const ComponentInfo& model, const std::string& parameter) {
  const auto params = model.make_params();
  const auto& all = params->parameters();
  return std::any_of(all.begin(), all.end(), [&](const auto* p) { return p->name() == parameter; });
}

/// One trial for every model of the plugins with every likelihood, if it takes one.
std::vector<std::string> settings() {
  std::vector<std::string> all;
  for (const auto* model : registry().list("model")) {
    if (model->plugin == "tests") continue;
    const auto text =
        "data: {use: synthetic, size: 28, batch: 20}\nloss: {use: elbo}\n"
        "optimizer: {use: adam, lr: 1e-3}\ntrain: {epochs: 100}\nmodel: {use: " +
        model->name;
    if (!takes(*model, "likelihood")) {
      all.push_back(text + "}\n");
      continue;
    }
    for (const auto* likelihood : registry().list("likelihood"))
      all.push_back(text + ", likelihood: " + likelihood->name + "}\n");
  }
  return all;
}

Batch first_images(const Run& run, std::int64_t count) {
  Draw draw(1);
  return run.components.data->splits.train.slice(0, count, draw);
}

Tensor loss_of(Run& run, const Batch& batch, std::int64_t samples, std::uint64_t key) {
  Draw noise(key, samples);
  const auto inference = run.components.model->infer(batch, noise);
  Draw draw(key + 1);
  return run.components.loss->evaluate(inference, {batch, draw, {}, 60, "train"}).objective;
}

}  // namespace

TEST_CASE("every model infers the shapes of K samples of B images, and generates as many") {
  for (const auto& setting : settings()) {
    INFO(setting);
    Run run(setting);
    auto& model = *run.components.model;
    const auto batch = first_images(run, 5);
    Draw draw(2, 3);
    const auto inference = model.infer(batch, draw);
    const auto latents = model.latents();
    REQUIRE(inference.blocks.size() == latents.size());
    LatentValues values;
    for (std::size_t i = 0; i < latents.size(); ++i) {
      const auto& block = inference.blocks[i];
      CHECK(block.name == latents[i].name);
      std::vector<std::int64_t> shape = {3, 5};
      shape.insert(shape.end(), latents[i].event.begin(), latents[i].event.end());
      CHECK(block.value.sizes() == at::IntArrayRef(shape));
      values[block.name] = block.value;
      if (!inference.kl(i).defined()) continue;
      CHECK(inference.kl_per_image(i).sizes() == at::IntArrayRef({5}));
      if (block.posterior) CHECK(block.posterior->family() == latents[i].family);
    }
    if (!inference.likelihood) continue;
    CHECK(inference.log_likelihood().sizes() == at::IntArrayRef({3, 5}));
    CHECK(inference.log_weight().sizes() == at::IntArrayRef({3, 5}));
    CHECK(inference.likelihood->mean().sizes() == at::IntArrayRef({3, 5, 1, 28, 28}));
    // Decoding the same codes again is the same.
    model.eval();
    Draw again(2, 3);
    const auto evaluated = model.infer(batch, again);
    for (const auto& block : evaluated.blocks) values[block.name] = block.value;
    CHECK(close(model.decode(values)->mean(), evaluated.likelihood->mean(), 1e-5, 1e-6));
    Draw prior(4);
    const auto sampled = model.sample_prior(7, {}, prior);
    for (const auto& latent : latents) {
      std::vector<std::int64_t> shape = {1, 7};
      shape.insert(shape.end(), latent.event.begin(), latent.event.end());
      CHECK(sampled.at(latent.name).sizes() == at::IntArrayRef(shape));
    }
  }
}

TEST_CASE("every gradient of every model is finite, and some reach every part") {
  for (const auto& setting : settings()) {
    INFO(setting);
    Run run(setting);
    loss_of(run, first_images(run, 20), 3, 5).backward();
    for (const auto& item : run.components.model->named_parameters()) {
      INFO(item.key());
      const auto& gradient = item.value().grad();
      REQUIRE(gradient.defined());
      CHECK(gradient.isfinite().all().item<bool>());
      CHECK(gradient.abs().max().item<float>() > 0);
    }
  }
}

TEST_CASE("thirty steps on one batch lower the loss of every model") {
  for (const auto& setting : settings()) {
    INFO(setting);
    Run run(setting);
    const auto batch = first_images(run, 20);
    const auto mean_loss = [&] {
      const at::NoGradGuard no_grad;
      return number(loss_of(run, batch, 20, 6));
    };
    const double before = mean_loss();
    auto& phase = run.components.phases.front();
    for (std::uint64_t step = 0; step < 30; ++step) {
      loss_of(run, batch, 1, 100 + step).backward();
      const at::NoGradGuard no_grad;
      phase.optimizer->step();
      for (auto& parameter : phase.phase.parameters) parameter.mutable_grad() = Tensor();
    }
    CHECK(mean_loss() < before);
  }
}

TEST_CASE("a model with the tensors of another one puts out the same bits") {
  for (const auto& setting : settings()) {
    INFO(setting);
    Run one(setting, 1), same(setting, 1), other(setting, 2);
    CHECK(same_bits(one.snapshot(), same.snapshot()));
    CHECK_FALSE(same_bits(one.snapshot(), other.snapshot()));
    const auto batch = first_images(one, 8);
    const auto output = [&](Run& run) {
      const at::NoGradGuard no_grad;
      run.components.model->eval();
      return loss_of(run, batch, 2, 7);
    };
    CHECK_FALSE(at::equal(output(one), output(other)));
    const auto saved = one.snapshot();
    const auto target = other.snapshot();
    REQUIRE(saved.size() == target.size());
    for (std::size_t i = 0; i < saved.size(); ++i) {
      REQUIRE(saved[i].first == target[i].first);
      REQUIRE(saved[i].second.sizes() == target[i].second.sizes());
      const at::NoGradGuard no_grad;
      other.tensor(saved[i].first).copy_(saved[i].second);
    }
    CHECK(at::equal(output(one), output(other)));
  }
}

TEST_CASE("a model that starts at the mean image decodes to it on average") {
  for (const auto* model : registry().list("model")) {
    if (!takes(*model, "start_at_mean")) continue;
    for (const auto* likelihood : registry().list("likelihood")) {
      const auto distance_to_mean = [&](const std::string& start_at_mean) {
        Run run(
            "data: {use: synthetic, size: 28}\nloss: {use: elbo}\noptimizer: {use: adam}\n"
            "train: {epochs: 1}\nmodel: {use: " +
            model->name + ", start_at_mean: " + start_at_mean +
            ", likelihood: " + likelihood->name + "}\n");
        const at::NoGradGuard no_grad;
        Draw draw(8);
        const auto values = run.components.model->sample_prior(300, {}, draw);
        const auto mean = run.components.model->decode(values)->mean()[0].mean(0);
        return number((mean - run.components.data->splits.train.mean_image()).abs().mean());
      };
      INFO(model->name << " with " << likelihood->name);
      // The rest of the network is untrained: it still adds something of its own.
      CHECK(distance_to_mean("true") < 0.5 * distance_to_mean("false"));
    }
  }
}
