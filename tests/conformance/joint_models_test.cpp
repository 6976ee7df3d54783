#include <ATen/Functions.h>

#include <cmath>

#include "support/catch.hpp"
#include "support/contains.hpp"
#include "unit/math/support.hpp"
#include "unit/training/support.hpp"
#include "varia/distributions.hpp"
#include "varia/error.hpp"
#include "varia/networks.hpp"

// Models with categories and labels, and the losses that go with them.

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

/// @param component a name, or a map with `use`
std::string section(const std::string& component) {
  return component.front() == '{' ? component : "{use: " + component + "}";
}

std::string settings(const std::string& model, const std::string& loss) {
  return "data: {use: synthetic, size: 28}\nmodel: " + section(model) + "\nloss: " + section(loss) +
         "\noptimizer: {use: adam}\ntrain: {epochs: 1}\n";
}

Batch images(const Run& run, std::int64_t count) {
  Draw draw(1);
  return run.components.data->splits.train.slice(0, count, draw);
}

Inference infer(const Run& run, const Batch& batch, std::int64_t samples = 1) {
  Draw draw(2, samples);
  return run.components.model->infer(batch, draw);
}

Terms loss(const Run& run, const Inference& inference, const Batch& batch) {
  Draw draw(3);
  return run.components.loss->evaluate(inference, {batch, draw, {}, 60, "train"});
}

std::string message(const std::string& model, const std::string& loss) {
  try {
    Run run(settings(model, loss));
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a joint model has as many Gaussian and categorical codes as are asked for") {
  Run run(settings("{use: joint_vae, gaussian: [4, 3], categorical: [5, 2, 3]}", "elbo"));
  const auto latents = run.components.model->latents();
  std::string names;
  for (const auto& latent : latents) names += latent.name + std::to_string(latent.event[0]) + " ";
  CHECK(names == "z14 z23 c15 c22 c33 ");
  const auto batch = images(run, 6);
  run.components.model->train();
  for (std::size_t i = 2; i < 5; ++i) {
    const auto soft = infer(run, batch, 3).blocks[i].value;
    CHECK(number(soft.frac().abs().sum()) > 0);
  }
  CHECK(run.components.model->bound() == "relaxed");
  run.components.model->eval();
  for (std::size_t i = 2; i < 5; ++i) {
    const auto hard = infer(run, batch, 3).blocks[i].value;
    CHECK(number(hard.frac().abs().sum()) == 0);
  }
  CHECK(run.components.model->bound() == "log p(x)");
  CHECK(
      contains(message("{use: joint_vae, gaussian: [], categorical: []}", "elbo"), "needs a code"));
}

TEST_CASE("a joint model with one category of each kind is named z and c") {
  Run run(settings("joint_vae", "elbo"));
  const auto latents = run.components.model->latents();
  REQUIRE(latents.size() == 2);
  CHECK(latents[0].name == "z");
  CHECK(latents[1].name == "c");
}

TEST_CASE("the temperature of relaxed draws follows its schedule") {
  Run run(settings("{use: joint_vae, temperature: {use: linear, from: 2, to: 0.01, steps: 10}}",
                   "elbo"));
  const auto batch = images(run, 10);
  run.components.model->train();
  const auto largest = [&](std::int64_t step) {
    run.components.advance({step, 0}, {1000, 100});
    return number(std::get<0>(infer(run, batch, 20).blocks[1].value.max(-1)).mean());
  };
  CHECK(largest(0) < 0.5);
  CHECK(largest(10) > 0.95);
}

TEST_CASE("a joint capacity is the distance of each block's KL from C, at most ln K") {
  Run run(settings("{use: joint_vae, gaussian: [4], categorical: [3]}",
                   "{use: joint_capacity, gamma: 7, capacity: {z: 2, c: 50}}"));
  const auto batch = images(run, 20);
  const auto inference = infer(run, batch);
  const auto terms = loss(run, inference, batch);
  const double z = number(inference.kl_per_sample(0).mean());
  const double c = number(inference.kl_per_sample(1).mean());
  const double distortion = -number(inference.log_likelihood().mean());
  CHECK(number(terms.objective) ==
        Approx(distortion + 7 * std::abs(z - 2) + 7 * std::abs(c - std::log(3.0))));
  REQUIRE(terms.recorded.size() == 2);
  CHECK(terms.recorded[0].name == "capacity_z");
  CHECK(number(terms.recorded[0].value) == 2);
  CHECK(number(terms.recorded[1].value) == Approx(std::log(3.0)));
}

TEST_CASE("a block without a capacity is held at zero, and an unknown one is refused") {
  Run run(settings("{use: joint_vae, gaussian: [4], categorical: [3]}",
                   "{use: joint_capacity, gamma: 7}"));
  const auto batch = images(run, 20);
  const auto inference = infer(run, batch);
  const double kl =
      number(inference.kl_per_sample(0).mean()) + number(inference.kl_per_sample(1).mean());
  CHECK(number(loss(run, inference, batch).objective) ==
        Approx(-number(inference.log_likelihood().mean()) + 7 * kl));
  const auto error = message("joint_vae", "{use: joint_capacity, capacity: {zz: 1}}");
  CHECK(contains(error, "'zz' is not a latent variable"));
  CHECK(contains(error, "Did you mean 'z'? Known: c, z."));
}

TEST_CASE("a capacity of a block without a KL divergence is refused") {
  Run run(settings("{use: self_conditional_vae, hidden: [12], latent: 2}",
                   "{use: joint_capacity, capacity: {c: 2}}"));
  const auto batch = images(run, 20);
  CHECK_THROWS_WITH(loss(run, infer(run, batch), batch),
                    Catch::Matchers::ContainsSubstring("'c' has no KL divergence"));
}

TEST_CASE("joint capacities hold the KL divergences at their values") {
  Run run(
      "data: {use: synthetic, batch: 60}\n"
      "model: {use: joint_vae, hidden: [32], gaussian: [3], categorical: [3]}\n"
      "loss: {use: joint_capacity, gamma: 100, capacity: {z: 3, c: 0.8}}\n"
      "optimizer: {use: adam, lr: 3e-3}\n"
      "train: {epochs: 1000}\n");
  std::map<std::string, double> last;
  for (std::int64_t step = 0; step < 900; ++step) last = run.step(step);
  CHECK(last.at("kl_z") == Approx(3).margin(0.1));
  CHECK(last.at("kl_c") == Approx(0.8).margin(0.05));
}

TEST_CASE("a conditional model takes the label as an observed latent variable") {
  for (const auto* options : {"", ", label_to_encoder: true"}) {
    Run run(settings("{use: conditional_vae, latent: 3" + std::string(options) + "}", "elbo"));
    auto& model = *run.components.model;
    model.eval();
    auto batch = images(run, 6);
    const auto inference = infer(run, batch, 2);
    CHECK(at::equal(inference.blocks[1].value[1], one_hot_rows(batch.labels, 3)));
    CHECK_FALSE(inference.kl(1).defined());
    CHECK(model.bound() == "log p(x|y)");
    // Another label for the same code gives another image; the code changes only where the encoder
    // is told.
    const auto before = inference.likelihood->mean();
    batch.labels = (batch.labels + 1).remainder(3);
    const auto other = infer(run, batch, 2);
    CHECK_FALSE(close(other.likelihood->mean(), before, 1e-3, 1e-4));
    CHECK(at::equal(other.blocks[0].value, inference.blocks[0].value) == (*options == '\0'));
  }
}

TEST_CASE("labels are drawn as often as the training images have them, unless they are given") {
  Run run(settings("conditional_vae", "elbo"));
  Draw draw(5);
  const auto drawn = run.components.model->sample_prior(9000, {}, draw).at("y").mean(1).flatten();
  CHECK(close(drawn, at::full({3}, 1.0 / 3), 0, 0.03));
  const auto given = one_hot_rows(at::full({1, 7}, 2, at::kLong), 3);
  const auto values = run.components.model->sample_prior(7, {{"y", given}}, draw);
  CHECK(at::equal(values.at("y"), given));
  CHECK(values.at("z").sizes() == at::IntArrayRef({1, 7, 20}));
}

TEST_CASE("the classifier's loss is the cross-entropy with the label, in nats") {
  Run run(settings("self_conditional_vae", "{use: classified_elbo, beta: 2, classification: 5}"));
  const auto batch = images(run, 20);
  const auto inference = infer(run, batch);
  const auto log_p = inference.blocks[1].posterior->mean()[0].log();
  const double cross_entropy = -number(log_p.gather(1, batch.labels.unsqueeze(1)).mean());
  const auto terms = loss(run, inference, batch);
  CHECK(number(terms.recorded.at(0).value) == Approx(cross_entropy));
  CHECK(number(terms.objective) ==
        Approx(-number(inference.log_likelihood().mean()) +
               2 * number(inference.kl_per_sample(0).mean()) + 5 * cross_entropy));
  CHECK(contains(message("mlp_vae", "classified_elbo"), "no categorical block 'c'"));
  CHECK(contains(message("{use: joint_vae, categorical: [2]}", "classified_elbo"),
                 "no categorical block 'c'"));
}

TEST_CASE("models that need a label refuse data without") {
  for (const auto* model : {"conditional_vae", "self_conditional_vae"}) {
    const auto& info = registry().get("model", model, {});
    const auto params = info.make_params();
    params->load(Value(), {&registry(), std::string("model ") + model, {}});
    Build build;
    build.data.event = {1, 4, 4};
    CHECK_THROWS_AS(info.make(*params, build), ConfigError);
  }
}
