#include <ATen/Functions.h>

#include "support.hpp"
#include "support/catch.hpp"
#include "support/contains.hpp"
#include "unit/math/support.hpp"
#include "varia/error.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

const std::string kMlp =
    "data: {use: synthetic, batch: 16}\n"
    "model: {use: mlp_vae, hidden: [12], latent: 3}\n"
    "train: {epochs: 3}\n";

std::string adversarial(const std::string& options) {
  return "data: {use: synthetic, batch: 16}\n"
         "model: {use: autoencoder}\n"
         "optimizer: {use: spy, lr: 0.1}\n"
         "train: {epochs: 3}\n"
         "loss: {use: adversarial" +
         options + "}\n";
}

Tensor leaf(const Tensor& values) { return values.detach().clone().set_requires_grad(true); }

/// The gradients of both objectives, written out for the autoencoder. [encoder, decoder, w]
struct Gradients {
  Gradients(const Tensor& images, const Tensor& encoder, const Tensor& decoder, const Tensor& w) {
    const auto e = leaf(encoder), d = leaf(decoder), v = leaf(w);
    const auto x = images.flatten(1);
    const auto code = x.matmul(e.t());
    const auto score = code.matmul(v);
    (0.5 * (x - code.matmul(d.t())).square().sum(1).mean() + score.mean()).backward({}, true);
    train = {e.grad().clone(), d.grad().clone()};
    v.mutable_grad() = Tensor();
    (score - 1).square().mean().backward();
    discriminator = v.grad();
  }
  std::vector<Tensor> train;
  Tensor discriminator;
};

std::string message_of_step(Run& run, std::int64_t step) {
  try {
    run.trainer.step(step);
  } catch (const TrialError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("phases that share an inference are both differentiated before either steps") {
  Run run(adversarial(""));
  const auto encoder = run.tensor("model.encoder").detach().clone();
  const auto decoder = run.tensor("model.decoder").detach().clone();
  const auto w = run.tensor("loss.w").detach().clone();
  seen().clear();
  run.trainer.step(0);
  REQUIRE(seen().size() == 2);
  CHECK(at::equal(seen()[0].index, seen()[1].index));
  const Gradients truth(seen()[0].images, encoder, decoder, w);
  CHECK(close(run.tensor("model.encoder"), encoder - 0.1 * truth.train[0], 1e-5, 1e-6));
  CHECK(close(run.tensor("model.decoder"), decoder - 0.1 * truth.train[1], 1e-5, 1e-6));
  CHECK(close(run.tensor("loss.w"), w - 0.1 * truth.discriminator, 1e-5, 1e-6));
}

TEST_CASE("a phase with a batch of its own is inferred anew, after the others have stepped") {
  Run run(adversarial(", independent: true"));
  const auto w = run.tensor("loss.w").detach().clone();
  seen().clear();
  run.trainer.step(0);
  REQUIRE(seen().size() == 2);
  CHECK_FALSE(at::equal(seen()[0].index, seen()[1].index));
  CHECK(seen()[1].images.size(0) == seen()[0].images.size(0));
  // The model has stepped; only the discriminator's gradient is taken with what it is now.
  const Gradients truth(seen()[1].images, run.tensor("model.encoder"), run.tensor("model.decoder"),
                        w);
  CHECK(close(run.tensor("loss.w"), w - 0.1 * truth.discriminator, 1e-5, 1e-6));
}

TEST_CASE("parameters that nothing used keep undefined gradients, and all are dropped") {
  Run run(adversarial(""));
  spy_steps().clear();
  run.trainer.step(0);
  REQUIRE(spy_steps().size() == 2);
  const auto& first = spy_steps()[0].gradients;
  REQUIRE(first.size() == 3);
  CHECK(first[0].defined());
  CHECK(first[1].defined());
  CHECK_FALSE(first[2].defined());
  REQUIRE(spy_steps()[1].gradients.size() == 1);
  for (const auto& parameter : run.components.model->parameters())
    CHECK_FALSE(parameter.grad().defined());
  CHECK_FALSE(run.tensor("loss.w").grad().defined());
}

TEST_CASE("a phase's own optimizer steps it alone") {
  Run run(adversarial(", optimizer: {use: sgd, lr: 0}"));
  const auto w = run.tensor("loss.w").detach().clone();
  const auto encoder = run.tensor("model.encoder").detach().clone();
  run.trainer.step(0);
  CHECK(at::equal(run.tensor("loss.w"), w));
  CHECK_FALSE(at::equal(run.tensor("model.encoder"), encoder));
}

TEST_CASE("gradients of all parameters together are clipped to the norm") {
  const std::string sgd = "loss: {use: elbo}\noptimizer: {use: sgd, lr: 1, clip_norm: 0.01}\n";
  Run run(kMlp + sgd);
  const auto before = run.snapshot();
  run.trainer.step(0);
  double squares = 0;
  const auto after = run.snapshot();
  for (std::size_t i = 0; i < before.size(); ++i)
    squares += number((after[i].second - before[i].second).to(at::kDouble).square().sum());
  CHECK(std::sqrt(squares) == Approx(0.01).epsilon(1e-3));
}

TEST_CASE("a loss that is not finite names the step and changes nothing") {
  for (const auto* broken : {"first", "second", "term"}) {
    Run run(adversarial(std::string(", broken: ") + broken));
    const auto before = run.snapshot();
    const auto message = message_of_step(run, 4);
    CHECK(contains(message, "step 5"));
    CHECK(contains(message, "not finite"));
    CHECK(contains(message, "try a lower optimizer.lr"));
    CHECK(contains(message, broken == std::string("term") ? "score" : "loss"));
    if (broken == std::string("second")) CHECK(contains(message, "discriminator"));
    CHECK(same_bits(before, run.snapshot()));
    // Before the first step no learning rate can have been too high.
    CHECK(contains(message_of_step(run, 0), "nothing has been learnt yet"));
  }
}

TEST_CASE("a posterior that is not finite is named before what it spoils") {
  const std::string rest = "loss: {use: elbo}\noptimizer: {use: adam}\n";
  for (const double value : {200.0, double(NAN)}) {
    Run run(kMlp + rest);
    {
      const at::NoGradGuard no_grad;
      run.tensor("model.encoder.bias1").fill_(value);
    }
    CHECK(contains(message_of_step(run, 0), "kl_z"));
  }
  Run run(kMlp + rest);
  {
    const at::NoGradGuard no_grad;
    run.tensor("model.decoder.network.bias1").fill_(NAN);
  }
  CHECK(contains(message_of_step(run, 0), "reconstruction"));
}

TEST_CASE("a loss without a gradient ends the trial at its step, and is told in plain words") {
  Run run(kMlp + "loss: {use: wrong, detached: true}\noptimizer: {use: adam}\n");
  CHECK(message_of_step(run, 2) == "step 3: the objective has no gradient: was it detached?");
}

TEST_CASE("every epoch sees each image once, in an order of its own, the last batch smaller") {
  Run run(adversarial(""));
  seen().clear();
  std::vector<std::int64_t> sizes;
  for (std::int64_t step = 0; step < 8; ++step)
    run.trainer.step(step, [&](const auto&, const Batch& batch) { sizes.push_back(batch.size()); });
  CHECK(sizes == std::vector<std::int64_t>{16, 16, 16, 12, 16, 16, 16, 12});
  std::vector<Tensor> orders;
  for (std::size_t epoch = 0; epoch < 2; ++epoch) {
    std::vector<Tensor> parts;
    for (std::size_t i = 0; i < 4; ++i) parts.push_back(seen()[2 * (4 * epoch + i)].index);
    orders.push_back(at::cat(parts));
    CHECK(at::equal(std::get<0>(orders.back().sort()), at::arange(60, at::kLong)));
  }
  CHECK_FALSE(at::equal(orders[0], orders[1]));
}

TEST_CASE("the same seed gives the same bits, and another seed others") {
  const std::string rest =
      "loss: {use: elbo, beta: {use: linear, from: 0, to: 1, epochs: 2}}\noptimizer: {use: adam}\n";
  Run first(kMlp + rest), second(kMlp + rest), third(kMlp + rest, 2);
  for (std::int64_t step = 0; step < 6; ++step) {
    first.trainer.step(step);
    second.trainer.step(step);
    third.trainer.step(step);
  }
  CHECK(same_bits(first.snapshot(), second.snapshot()));
  CHECK_FALSE(same_bits(first.snapshot(), third.snapshot()));
}

TEST_CASE("a trainer can start at any step from the parameters and the optimizer's state") {
  const std::string rest =
      "loss: {use: elbo, beta: {use: linear, from: 0, to: 1, epochs: 2}}\noptimizer: {use: adam}\n";
  Run whole(kMlp + rest), resumed(kMlp + rest);
  for (std::int64_t step = 0; step < 3; ++step) whole.trainer.step(step);
  {
    const at::NoGradGuard no_grad;
    for (const auto& [name, tensor] : whole.snapshot()) resumed.tensor(name).copy_(tensor);
    auto target = resumed.components.phases[0].optimizer->state();
    for (const auto& [name, tensor] : whole.components.phases[0].optimizer->state())
      target.at(name).copy_(tensor);
  }
  for (std::int64_t step = 3; step < 8; ++step) {
    whole.trainer.step(step);
    resumed.trainer.step(step);
  }
  CHECK(same_bits(whole.snapshot(), resumed.snapshot()));
}

TEST_CASE("scheduled parameters stand at the value of the step that is taken") {
  Run run(kMlp +
          "loss: {use: elbo, beta: {use: linear, from: 0, to: 4, steps: 8}}\n"
          "optimizer: {use: adam, lr: {use: linear, from: 1e-3, to: 0, fraction: 1}}\n");
  CHECK(run.trainer.horizon().steps == 12);
  for (const std::int64_t step : {0, 1, 4, 8, 11}) {
    run.trainer.step(step);
    const auto values = run.components.scheduled_values();
    const auto done = static_cast<double>(step);
    CHECK(values.at("loss.beta") == Approx(std::min(4.0, done / 2)));
    CHECK(values.at("optimizer.lr") == Approx(1e-3 * (1 - done / 12)));
  }
}
