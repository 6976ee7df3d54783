#include <ATen/Functions.h>

#include <cmath>
#include <set>
#include <string>

#include "conformance/evaluated_loss.hpp"
#include "support/catch.hpp"
#include "varia/error.hpp"

// The loss whose reconstruction error is that of a discriminator's features.

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

const char* const kModels[] = {
    "mlp_vae, hidden: [12], latent: 3",
    "conv_vae, latent: 3, encoder: [{channels: 4}]",
};

/// The parameters of which an objective has gradients, by name.
std::set<std::string> with_gradients(const Run& run, const std::string& phase) {
  evaluate(run, phase).terms.objective.backward();
  std::set<std::string> names;
  for (const auto& [name, tensor] : run.components.tensors())
    if (tensor.grad().defined() && number(tensor.grad().abs().sum()) > 0) names.insert(name);
  for (auto& parameter : run.components.model->parameters()) parameter.mutable_grad() = Tensor();
  for (auto& parameter : run.components.loss->parameters()) parameter.mutable_grad() = Tensor();
  return names;
}

}  // namespace

TEST_CASE("VAEGAN trains the encoder, the decoder and the discriminator by what is theirs") {
  for (const auto* model : kModels) {
    INFO(model);
    const auto run = run_of_loss("vaegan, hidden: [16]", model);
    const auto& phases = run.components.phases;
    REQUIRE(phases.size() == 3);
    std::size_t of_model = 0;
    for (const auto& item : run.components.model->named_parameters()) {
      const bool is_decoder =
          item.key().starts_with("decoder.") || item.key().starts_with("from_code.");
      for (std::size_t i = 0; i < 2; ++i)
        for (const auto& parameter : phases[i].phase.parameters)
          if (parameter.is_same(item.value())) {
            CHECK(is_decoder == (i == 1));
            ++of_model;
          }
    }
    CHECK(of_model == run.components.model->parameters().size());
    CHECK(phases[2].phase.parameters.size() == run.components.loss->parameters().size());
    // The discriminator's objective reaches nothing else.
    for (const auto& name : with_gradients(run, "discriminator")) CHECK(name.starts_with("loss."));
  }
}

TEST_CASE("VAEGAN's error is half the squared distance of the discriminator's features") {
  const auto run = run_of_loss("vaegan, hidden: [16, 5], beta: 0.5, gamma: 3, margin: 1e9");
  const auto one = evaluate(run, "train", 20, 2);
  const auto tensor = [&](const std::string& name) {
    return run.tensor("loss.discriminator." + name).to(at::kDouble);
  };
  const auto layer = [&](const Tensor& values, const std::string& part, const std::string& number) {
    return values.matmul(tensor(part + ".weight" + number).t()) + tensor(part + ".bias" + number);
  };
  const auto features = [&](const Tensor& images) {
    const auto first = at::leaky_relu(layer(images.flatten(-3), "features", "0"), 0.2);
    return at::leaky_relu(layer(first, "features", "1"), 0.2);
  };
  const auto odds = [&](const Tensor& images) { return layer(features(images), "odds", "0"); };
  const auto mean = one.inference.likelihood->mean().to(at::kDouble);  // [2, 20, 1, 28, 28]
  const auto target = one.batch.target.to(at::kDouble);
  const double error = 0.5 * number((features(mean) - features(target)).square().sum(-1).mean());
  const double surprise = number(at::softplus(-odds(mean)).mean());
  CHECK(one.recorded("feature_error") == Approx(error).epsilon(1e-4));
  CHECK(one.recorded("surprise") == Approx(surprise).epsilon(1e-4));
  CHECK(number(one.terms.objective) ==
        Approx(0.5 * number(total_kl(one.inference)) + error).epsilon(1e-4));

  Draw draw(3);
  auto& model = *run.components.model;
  const auto generated = model.decode(model.sample_prior(20, {}, draw))->mean()[0].to(at::kDouble);
  const double of_generated = number(at::softplus(-odds(generated)).mean());
  CHECK(number(evaluate(run, "decoder", 20, 2).terms.objective) ==
        Approx(3 * error + surprise + of_generated).epsilon(1e-4));
  CHECK(number(evaluate(run, "discriminator", 20, 2).terms.objective) ==
        Approx(number(at::softplus(-odds(target)).mean() + at::softplus(odds(mean)).mean() +
                      at::softplus(odds(generated)).mean()))
            .epsilon(1e-4));
}

TEST_CASE("VAEGAN's decoder rests while the discriminator knows nothing, unless both would") {
  // Without weights it says the same of every image: at odds 2 it errs by 0.13 about real images
  // and by 2.13 about others; ln 2 is 0.69.
  const auto softplus = [](double x) { return std::log1p(std::exp(x)); };
  for (const auto& [odds, margin, decoder_plays] : {std::tuple{2.0, "1e9", true},
                                                    {2.0, "1", false},
                                                    {2.0, "0.35", true},
                                                    {0.0, "0.35", true}}) {
    INFO(odds << " " << margin);
    const auto run = run_of_loss(std::string("vaegan, hidden: [8], gamma: 0, margin: ") + margin);
    {
      const torch::NoGradGuard no_grad;
      for (auto& parameter : run.components.loss->parameters()) parameter.zero_();
      run.tensor("loss.discriminator.odds.bias0").fill_(odds);
    }
    CHECK(number(evaluate(run, "discriminator").terms.objective) ==
          Approx(softplus(-odds) + 2 * softplus(odds)));
    CHECK(number(evaluate(run, "decoder").terms.objective) ==
          Approx(decoder_plays ? 2 * softplus(-odds) : 0).margin(1e-9));
  }
}

TEST_CASE("VAEGAN's discriminator rests while it knows too much") {
  const auto run = run_of_loss("vaegan, hidden: [16], gamma: 0");
  int steps = 0;
  for (double objective = 1; objective > 0 && steps < 500; ++steps) {
    const auto one = evaluate(run, "discriminator");
    one.terms.objective.backward();
    objective = number(one.terms.objective);
    const torch::NoGradGuard no_grad;
    for (auto& parameter : run.components.loss->parameters()) {
      parameter.sub_(0.05 * parameter.grad());
      parameter.mutable_grad() = Tensor();
    }
  }
  CHECK(steps > 1);
  CHECK(steps < 500);
  CHECK(number(evaluate(run, "decoder").terms.objective) > 2 * std::log(2));
}

TEST_CASE("VAEGAN's discriminator may have convolutions, of pictures") {
  const auto run = run_of_loss("vaegan, convolutions: [{channels: 3}, {channels: 4}], hidden: [6]");
  CHECK(run.tensor("loss.discriminator.features.weight0").size(1) == 4 * 7 * 7);
  CHECK(std::isfinite(evaluate(run).recorded("feature_error")));
  CHECK_THROWS_WITH(run_of_loss("vaegan, convolutions: [{kernel: 40}]"),
                    Catch::Matchers::ContainsSubstring("a kernel is larger"));
  CHECK_THROWS_WITH(run_of_loss("vaegan, hidden: []"),
                    Catch::Matchers::ContainsSubstring("at least one width"));
}
