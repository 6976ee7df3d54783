#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "conformance/evaluated_loss.hpp"
#include "support/catch.hpp"
#include "varia/distributions.hpp"
#include "varia/error.hpp"
#include "varia/mean_discrepancy.hpp"
#include "varia/networks.hpp"

// Losses whose terms are of a whole batch of codes: DIP-VAE, InfoVAE, WAE-MMD, FactorVAE, AAE.

using namespace varia;
using namespace varia::test;
using Catch::Approx;

TEST_CASE("DIP-VAE weighs the covariance of means, or of codes, against the identity") {
  for (const bool second : {false, true}) {
    const auto run = run_of_loss(std::string("dip_vae, off_diagonal: 3, diagonal: 5, form: ") +
                                 (second ? "ii" : "i"));
    const auto one = evaluate(run);
    const auto& q = *one.inference.blocks[0].posterior;
    const auto mean = q.mean()[0].to(at::kDouble);          // [20, 3]
    const auto variance = q.variance()[0].to(at::kDouble);  // [20, 3]
    double off = 0, on = 0;
    for (std::int64_t i = 0; i < 3; ++i)
      for (std::int64_t j = 0; j < 3; ++j) {
        double covariance = 0;
        for (std::int64_t b = 0; b < 20; ++b) {
          covariance += number((mean[b][i] - mean.select(1, i).mean()) *
                               (mean[b][j] - mean.select(1, j).mean())) /
                        20;
          if (second && i == j) covariance += number(variance[b][i]) / 20;
        }
        (i == j ? on : off) +=
            i == j ? (covariance - 1) * (covariance - 1) : covariance * covariance;
      }
    REQUIRE(off > 1e-8);
    CHECK(one.recorded("squared_covariances") == Approx(off).epsilon(1e-3));
    CHECK(one.recorded("variances_from_one") == Approx(on).epsilon(1e-4));
    CHECK(number(one.terms.objective) ==
          Approx(number(reconstruction(one.inference) + total_kl(one.inference)) + 3 * off + 5 * on)
              .epsilon(1e-5));
  }
  CHECK_THROWS_AS(run_of_loss("dip_vae", "joint_vae"), ConfigError);
}

TEST_CASE("DIP-VAE weighs variances as the paper does unless it is told how") {
  const auto objective = [](const std::string& options) {
    return number(evaluate(run_of_loss("dip_vae, off_diagonal: 3" + options)).terms.objective);
  };
  CHECK(objective("") == objective(", diagonal: 30"));
  CHECK(objective("") != objective(", diagonal: 100"));
  CHECK(objective(", form: ii") == objective(", form: ii, diagonal: 3"));
  CHECK(objective(", form: ii") != objective(", form: ii, diagonal: 30"));
}

TEST_CASE(
    "codes whose aggregate posterior is N(0, I) cost nothing with DIP-VAE-II, and do with I") {
  const auto images = at::full({20'000, 1, 1, 1}, 0.5);
  const Batch batch{.input = images, .target = images};
  Draw draw(4);
  const auto mean = 0.8 * draw.normal({1, 20'000, 4});
  Inference inference(batch);
  const auto q = std::make_shared<Normal>(mean, at::full_like(mean, 2 * std::log(0.6)));
  inference.blocks = {{"z", q, Normal::unit({4}, torch::kCPU), q->rsample(draw).value, {}}};
  inference.likelihood = std::make_shared<Bernoulli>(at::zeros({1, 20'000, 1, 1, 1}));
  const auto terms = [&](const std::string& form) {
    const auto loss = training::make<Loss>(
        training::configure(registry(), "loss", yaml("{use: dip_vae, form: " + form + "}")), {});
    return loss->evaluate(inference, {batch, draw, {}, 20'000, "train"}).recorded;
  };
  CHECK(number(terms("ii")[1].value) < 1e-3);
  CHECK(number(terms("i")[1].value) == Approx(4 * 0.36 * 0.36).epsilon(0.05));
  CHECK(number(terms("i")[0].value) < 1e-3);
}

TEST_CASE("InfoVAE and WAE weigh the discrepancy of codes and draws from the prior") {
  const auto check = [](const std::string& loss, double kl_weight, double weight) {
    INFO(loss);
    const auto run = run_of_loss(loss + ", kernel: rbf, scales: [0.5, 2], unbiased: false");
    const auto one = evaluate(run);
    Draw draw(3);
    const auto prior = run.components.model->sample_prior(20, {}, draw).at("z")[0];
    const double truth = number(squared_mean_discrepancy(one.inference.blocks[0].value[0], prior,
                                                         DiscrepancyKernel::rbf, {3, 12}, false));
    CHECK(one.recorded("discrepancy") == Approx(truth).epsilon(1e-4));
    CHECK(number(one.terms.objective) ==
          Approx(number(reconstruction(one.inference) + kl_weight * total_kl(one.inference)) +
                 weight * truth)
              .epsilon(1e-5));
  };
  check("info_vae", 1, 999);
  check("info_vae, alpha: 1, lambda: 50", 0, 50);
  check("info_vae, alpha: -1, lambda: 7", 2, 5);
  check("wae_mmd, lambda: 20", 0, 20);
  const auto all = run_of_loss("wae_mmd", "joint_vae");
  CHECK(std::isfinite(evaluate(all, "train", 20, 2).recorded("discrepancy")));
  CHECK_THROWS_AS(run_of_loss("wae_mmd, scales: []"), ConfigError);
}

TEST_CASE("a batch of one image has no pairs of codes, and adds nothing") {
  const std::vector<std::pair<std::string, std::string>> terms = {
      {"info_vae, alpha: 1", "discrepancy"},
      {"wae_mmd", "discrepancy"},
      {"dip_vae", "variances_from_one"},
      {"dip_vae, form: ii", "variances_from_one"}};
  for (const auto& [loss, term] : terms) {
    INFO(loss);
    const auto one = evaluate(run_of_loss(loss), "train", 1);
    CHECK(one.recorded(term) == 0);
    const double kl = loss.starts_with("dip") ? number(total_kl(one.inference)) : 0;
    CHECK(number(one.terms.objective) == Approx(number(reconstruction(one.inference)) + kl));
  }
  const auto biased = evaluate(run_of_loss("wae_mmd, unbiased: false"), "train", 1);
  CHECK(biased.recorded("discrepancy") > 0);
}

TEST_CASE("codes whose aggregate posterior is the prior have no discrepancy, however many draws") {
  // N(m, 1 - r^2) with m ~ N(0, r^2). As independent codes the draws of one image would add 0.05.
  const auto loss = GENERATE(as<std::string>(), "info_vae", "wae_mmd");
  const auto run = run_of_loss(loss, "mlp_vae, hidden: [12], latent: 4");
  constexpr std::int64_t kImages = 32, kDraws = 10, kBatches = 60;
  const double r = 0.9;
  const auto images = at::full({kImages, 1, 28, 28}, 0.5);
  const Batch batch{.input = images, .target = images};
  const at::NoGradGuard no_grad;
  std::vector<double> found;
  for (std::uint64_t key = 1; key <= kBatches; ++key) {
    Draw draw(key, kDraws);
    Inference inference(batch);
    const auto mean = r * draw.normal({1, kImages, 4});
    const auto q = std::make_shared<Normal>(mean, at::full_like(mean, std::log(1 - r * r)));
    inference.blocks = {{"z", q, Normal::unit({4}, torch::kCPU), q->rsample(draw).value, {}}};
    inference.likelihood = std::make_shared<Bernoulli>(at::zeros({1, kImages, 1, 28, 28}));
    const auto terms = run.components.loss->evaluate(inference, {batch, draw, {}, 60, "train"});
    found.push_back(number(terms.recorded[0].value));
  }
  const auto values = doubles(found);
  const double error = number(values.std()) / std::sqrt(static_cast<double>(kBatches));
  CHECK(error < 0.01);
  CHECK(number(values.mean()) == Approx(0).margin(4 * error));
}

TEST_CASE("of several draws of each image the discrepancy is the mean over the draws") {
  const auto run = run_of_loss("wae_mmd, kernel: rbf, scales: [0.5, 2]");
  const auto one = evaluate(run, "train", 20, 3);
  Draw draw(3);
  const auto prior = run.components.model->sample_prior(60, {}, draw).at("z")[0];
  double truth = 0;
  for (std::int64_t k = 0; k < 3; ++k)
    truth += number(squared_mean_discrepancy(one.inference.blocks[0].value[k],
                                             prior.narrow(0, 20 * k, 20), DiscrepancyKernel::rbf,
                                             {3, 12}, true)) /
             3;
  CHECK(one.recorded("discrepancy") == Approx(truth).epsilon(1e-4));
}

TEST_CASE("what a discriminator tells of a batch is neither better if higher nor if lower") {
  for (const auto* loss : {"factor_vae", "aae", "beta_tcvae", "vaegan, hidden: [8]"}) {
    const auto run = run_of_loss(loss);
    for (const auto& term : evaluate(run).terms.recorded) {
      INFO(loss << " " << term.name);
      CHECK(run.components.loss->better(term.name) == Better::neither);
    }
  }
}

TEST_CASE("a discriminator leaves the encoder alone, and the model the discriminator") {
  const auto loss = GENERATE(as<std::string>(), "factor_vae, gamma: 3", "aae");
  const auto run = run_of_loss(loss + ", hidden: [16], optimizer: {use: adam, lr: 1e-4}");
  REQUIRE(run.components.phases.size() == 2);
  const auto gradient_sum = [](const torch::nn::Module& module) {
    double sum = 0;
    for (const auto& parameter : module.parameters())
      if (parameter.grad().defined()) sum += number(parameter.grad().abs().sum());
    return sum;
  };
  // The objective of the discriminator, differentiated with respect to everything.
  evaluate(run, "discriminator").terms.objective.backward();
  CHECK(gradient_sum(*run.components.model) == 0);
  CHECK(gradient_sum(*run.components.loss) > 0);
  // Each phase changes its own parameters: they are all, and none is in both.
  std::size_t shared = 0;
  const auto& first = run.components.phases[0].phase.parameters;
  const auto& second = run.components.phases[1].phase.parameters;
  for (const auto& parameter : second)
    for (const auto& other : first) shared += parameter.is_same(other) ? 1 : 0;
  CHECK(shared == 0);
  CHECK(first.size() == run.components.model->parameters().size());
  CHECK(second.size() == run.components.loss->parameters().size());
}

TEST_CASE("FactorVAE adds gamma times what the discriminator tells of the codes") {
  const auto run = run_of_loss("factor_vae, hidden: [16], gamma: 3");
  const auto one = evaluate(run, "train", 20, 2);
  CHECK(number(one.terms.objective) ==
        Approx(number(reconstruction(one.inference) + total_kl(one.inference)) +
               3 * one.recorded("total_correlation"))
            .epsilon(1e-5));
  // A batch of one image has nothing to permute.
  CHECK(number(evaluate(run, "discriminator", 1).terms.objective) == 0);
}

TEST_CASE("FactorVAE tells the codes of some images from permuted codes of others") {
  const auto run = run_of_loss("factor_vae, hidden: [16]");
  auto& loss = *run.components.loss;
  const auto images = at::zeros({2, 1, 28, 28});
  const Batch batch{.input = images, .target = images};
  Inference inference(batch);
  // Both draws of an image are the same, so that a permutation of one image changes nothing.
  const auto codes = at::tensor({1.0F, -2.0F, 0.5F, 3.0F, 0.0F, -1.0F}).view({1, 2, 3});
  inference.blocks = {{"z", nullptr, nullptr, codes.expand({2, 2, 3}), {}}};
  Draw draw(1);
  const auto found = loss.evaluate(inference, {batch, draw, {}, 60, "discriminator"}).objective;
  const auto discriminator = std::dynamic_pointer_cast<Mlp>(loss.named_modules()["discriminator"]);
  const auto told = discriminator->forward(codes[0]).flatten();
  CHECK(number(found) == Approx(0.5 * (std::log1p(std::exp(-number(told[0]))) +
                                       std::log1p(std::exp(number(told[1])))))
                             .epsilon(1e-5));
}

/// Trains the discriminator of a loss, which is its second phase, on codes without a model.
/// @returns the mean of what the loss records of codes in the last steps
double told_by_discriminator(const Run& run, const std::function<Tensor(Draw&)>& codes) {
  auto& loss = *run.components.loss;
  auto& phase = run.components.phases[1];
  constexpr std::int64_t kImages = 500;
  const auto images = at::full({kImages, 1, 28, 28}, 0.5);
  const Batch batch{.input = images, .target = images};
  double mean = 0;
  const int steps = 2000, last = 200;
  for (int step = 0; step < steps; ++step) {
    Draw draw(static_cast<std::uint64_t>(step) + 1);
    Inference inference(batch);
    inference.blocks = {{"z", nullptr, nullptr, codes(draw), {}}};
    inference.likelihood = std::make_shared<Bernoulli>(at::zeros({1, kImages, 1, 28, 28}));
    loss.evaluate(inference, {batch, draw, {}, kImages, "discriminator"}).objective.backward();
    const at::NoGradGuard no_grad;
    phase.optimizer->step();
    for (auto& parameter : phase.phase.parameters) parameter.mutable_grad() = Tensor();
    if (step < steps - last) continue;
    const auto terms = loss.evaluate(inference, {batch, draw, {}, kImages, "train"});
    mean += number(terms.recorded[0].value) / last;
  }
  return mean;
}

TEST_CASE("a trained discriminator tells the total correlation of two Gaussian codes", "[slow]") {
  // Correlation r of two dimensions: the total correlation is -ln(1 - r^2) / 2.
  const double r = 0.8;
  const auto run = run_of_loss("factor_vae, hidden: [32, 32]", "mlp_vae, hidden: [12], latent: 2");
  const auto told = told_by_discriminator(run, [&](Draw& draw) {
    const auto noise = draw.normal({1, 500, 2});
    const auto x = noise.select(-1, 0), y = r * x + std::sqrt(1 - r * r) * noise.select(-1, 1);
    return at::stack({x, y}, -1);
  });
  CHECK(told == Approx(-0.5 * std::log(1 - r * r)).margin(0.05));
}

TEST_CASE("a trained discriminator is as surprised by Gaussian codes as the best one", "[slow]") {
  // Codes of N(m, 1): ln of the odds of the prior at z is m^2 / 2 - m z.
  const double m = 1.5;
  const auto run =
      run_of_loss("aae, hidden: [32, 32], lambda: 3", "mlp_vae, hidden: [12], latent: 1");
  const auto told = told_by_discriminator(run, [&](Draw& draw) {
    return m + draw.normal({1, 500, 1});
  });
  const auto z = grid(m - 8, m + 8, 2001);
  const auto density = (-0.5 * (z - m).square()).exp();
  const auto truth = (density * at::softplus(m * z - m * m / 2)).sum() / density.sum();
  CHECK(told == Approx(number(truth)).margin(0.05));
}

TEST_CASE("AAE adds lambda times the discriminator's surprise, and no KL divergence") {
  const auto run = run_of_loss("aae, hidden: [16], lambda: 3");
  const auto one = evaluate(run, "train", 20, 2);
  CHECK(number(one.terms.objective) ==
        Approx(number(reconstruction(one.inference)) + 3 * one.recorded("surprise")).epsilon(1e-5));
  // A discriminator that knows nothing: ln 2 for either kind.
  const at::NoGradGuard no_grad;
  for (auto& parameter : run.components.loss->parameters()) parameter.zero_();
  CHECK(evaluate(run).recorded("surprise") == Approx(std::log(2.0)));
  CHECK(number(evaluate(run, "discriminator").terms.objective) == Approx(std::log(2.0)));
}
