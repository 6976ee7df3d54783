#include <ATen/Functions.h>

#include <cmath>
#include <string>

#include "conformance/evaluated_loss.hpp"
#include "support/catch.hpp"
#include "varia/error.hpp"

// Models whose code has no noise, and the loss that keeps their decoder smooth.

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

const char* const kMlp = "mlp_autoencoder, hidden: [12], activation: tanh, latent: 3";
const char* const kConv = "conv_autoencoder, latent: 3, encoder: [{channels: 4}], hidden: [8]";
/// One whose decoded mean is a linear function of the code.
const char* const kLinear = "mlp_autoencoder, hidden: [], latent: 3, likelihood: {use: gaussian}";

/// Half the squared norm of the parameters whose names start so.
double half_squared_norm(const Run& run, const std::string& start) {
  double sum = 0;
  for (const auto& item : run.components.model->named_parameters())
    if (item.key().starts_with(start))
      sum += 0.5 * number(item.value().to(at::kDouble).square().sum());
  return sum;
}

}  // namespace

TEST_CASE("the code of an autoencoder follows from the image, and bounds no density") {
  for (const auto* model : {kMlp, kConv}) {
    const auto run = run_of_loss("elbo", model);
    const auto one = evaluate(run, "train", 20, 2), other = evaluate(run, "decoder", 20, 2);
    const auto& z = one.inference.blocks[0].value;
    REQUIRE(z.sizes() == at::IntArrayRef({2, 20, 3}));
    CHECK(at::equal(z[0], z[1]));
    CHECK(at::equal(z, other.inference.blocks[0].value));
    CHECK_FALSE(one.inference.kl(0).defined());
    CHECK(run.components.model->bound() == "none");
    // The loss of a plain autoencoder.
    CHECK(number(one.terms.objective) == Approx(number(reconstruction(one.inference))));
  }
}

TEST_CASE("RAE weighs the code's norm, and the decoder's parameters as weight decay does") {
  const auto check = [](const std::string& model, const std::vector<std::string>& decoder) {
    const auto run = run_of_loss("rae, beta: 3, regulariser: l2, lambda: 0.5", model);
    const auto one = evaluate(run);
    const double code =
        0.5 * number(one.inference.blocks[0].value.square().sum(-1).to(at::kDouble).mean());
    double norm = 0;
    for (const auto& part : decoder) norm += half_squared_norm(run, part);
    CHECK(one.recorded("code") == Approx(code));
    CHECK(one.recorded("regulariser") == Approx(norm));
    CHECK(number(one.terms.objective) ==
          Approx(number(reconstruction(one.inference)) + 3 * code + 0.5 * norm));
  };
  check(kMlp, {"decoder."});
  check(kConv, {"from_code.", "decoder."});
  const auto none = evaluate(run_of_loss("rae, beta: 3, regulariser: none", kMlp));
  CHECK(number(none.terms.objective) ==
        Approx(number(reconstruction(none.inference)) + 3 * none.recorded("code")));
}

TEST_CASE("RAE's gradient penalty is on average the squared norm of the decoder's derivative") {
  const auto run = run_of_loss("rae", kLinear);
  const auto& weight = run.tensor("model.decoder.network.weight0");  // [784, 3]
  const auto norm = number(weight.to(at::kDouble).square().sum());
  double mean = 0;
  constexpr int kDraws = 100;
  Draw data(1), noise(2);
  const auto batch = run.components.data->splits.train.slice(0, 20, data);
  const auto inference = run.components.model->infer(batch, noise);
  for (int i = 0; i < kDraws; ++i) {
    Draw draw(static_cast<std::uint64_t>(i) + 10);
    const auto terms = run.components.loss->evaluate(inference, {batch, draw, {}, 60, "train"});
    mean += number(terms.recorded[1].value) / kDraws;
  }
  CHECK(mean == Approx(norm).epsilon(0.1));
}

TEST_CASE("RAE's gradient penalty is differentiated through every layer") {
  // Of conv_autoencoder: convolutions, transposed ones and connected layers.
  const auto model = GENERATE(
      std::string(kMlp) + ", likelihood: {use: gaussian}",
      std::string("mlp_autoencoder, hidden: [12, 10], activation: softplus, latent: 3"),
      std::string("conv_autoencoder, latent: 3, encoder: [{channels: 4}], hidden: [8], activation: "
                  "tanh"));
  INFO(model);
  const auto run = run_of_loss("rae, beta: 0, lambda: 1", model);
  const auto regulariser = [&] { return evaluate(run).recorded("regulariser"); };
  const auto parameters = run.components.model->parameters();
  for (const auto& term : evaluate(run).terms.recorded)
    if (term.name == "regulariser") term.value.backward();
  // Along the gradient itself, where it is steepest.
  double squared = 0;
  for (const auto& parameter : parameters)
    if (parameter.grad().defined()) squared += number(parameter.grad().square().sum());
  REQUIRE(squared > 0);
  const auto moved = [&](double step) {
    const at::NoGradGuard no_grad;
    for (const auto& parameter : parameters)
      if (parameter.grad().defined()) parameter.add_(parameter.grad(), step / std::sqrt(squared));
  };
  const double step = 2e-3;
  moved(step);
  const double after = regulariser();
  moved(-2 * step);
  const double before = regulariser();
  CHECK((after - before) / (2 * step) == Approx(std::sqrt(squared)).epsilon(0.02));
}

TEST_CASE("RAE has the same gradient penalty in evaluation, and needs a code without noise") {
  const auto run = run_of_loss("rae, lambda: 2", kMlp);
  const auto trained = evaluate(run);
  {
    const at::NoGradGuard no_grad;
    CHECK(at::equal(evaluate(run).terms.objective, trained.terms.objective.detach()));
  }
  CHECK_THROWS_WITH(run_of_loss("rae"), Catch::Matchers::ContainsSubstring("mlp_autoencoder") &&
                                            Catch::Matchers::ContainsSubstring("'z' is normal"));
  CHECK_THROWS_AS(run_of_loss("rae, regulariser: none, lambda: 1", kMlp), ConfigError);
}

TEST_CASE("RAE and VAEGAN train the encoder alone if the decoder is frozen") {
  for (const auto* loss : {"rae, regulariser: l2", "rae", "vaegan, hidden: [8]"}) {
    INFO(loss);
    const auto* const model = std::string(loss).starts_with("rae") ? "mlp_autoencoder" : "mlp_vae";
    Run run =
        run_of_loss(loss, model + std::string(", hidden: [12], latent: 3, freeze: [decoder]"));
    const auto before = run.tensor("model.decoder.network.weight0").clone();
    const auto encoder = run.tensor("model.encoder.weight0").clone();
    CHECK(std::isfinite(run.step(0).at("loss")));
    CHECK(at::equal(run.tensor("model.decoder.network.weight0"), before));
    CHECK_FALSE(at::equal(run.tensor("model.encoder.weight0"), encoder));
  }
}
