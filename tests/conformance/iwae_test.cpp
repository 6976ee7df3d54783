#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <set>

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

TEST_CASE(
    "partial gives the encoder the gradient of the groups, and the decoder that of all draws") {
  struct Case {
    const char* model;
    std::vector<std::string> encoder;  // the beginnings of its parameters
  };
  for (const auto& [model, encoder] :
       {Case{"mlp_vae, hidden: [12], latent: 3", {"encoder"}},
        Case{"conv_vae, encoder: [{channels: 4}], hidden: [8], latent: 3", {"encoder", "to_code"}},
        Case{"ladder_vae, hidden: [12], latent: 3, top_hidden: [6], top_latent: 2",
             {"body", "head", "top"}}}) {
    const auto stepped = [&, model = model](const std::string& options) {
      Run run("data: {use: synthetic, size: 28, batch: 20}\nmodel: {use: " + std::string(model) +
              "}\nloss: {use: iwae" + options +
              "}\noptimizer: {use: sgd, lr: 1e-3}\ntrain: {epochs: 1, samples: 6}\n");
      run.trainer.step(0);
      return run.snapshot();
    };
    const auto partial = stepped(", groups: 3, partial: true");
    const auto groups = stepped(", groups: 3"), all = stepped("");
    std::set<std::string> found;
    for (std::size_t i = 0; i < partial.size(); ++i) {
      const auto& [name, tensor] = partial[i];
      INFO(name);
      const auto begin = std::string("model.").size();
      const auto part = name.substr(begin, name.find('.', begin) - begin);
      const bool is_encoder = std::ranges::find(encoder, part) != encoder.end();
      if (is_encoder) found.insert(part);
      const auto& truth = (is_encoder ? groups : all)[i].second;
      const auto& other = (is_encoder ? all : groups)[i].second;
      CHECK(close(tensor, truth, 1e-6, 1e-7));
      CHECK_FALSE(at::equal(tensor, other));
    }
    CHECK(found.size() == encoder.size());
    CHECK(found.size() < partial.size());
  }
  CHECK_THROWS_AS(make(", partial: true, dreg: true"), ConfigError);
  CHECK_THROWS_AS(Run("data: {use: synthetic, size: 4}\nmodel: {use: linear_gaussian}\n"
                      "loss: {use: iwae, partial: true}\noptimizer: {use: adam}\n"
                      "train: {epochs: 1}\n"),
                  ConfigError);
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

namespace {

/// x = 0.7 under x | z ~ N(a z, 0.5^2), z ~ N(0, 1), with draws z = m + s e of given e. Every image
/// has an a, m and ln s^2 of its own, which are leaves.
struct LinearModel {
  LinearModel(const Tensor& noise, double a_value, double m_value, double log_var_value)
      : images(at::full({noise.size(1), 1, 1, 1}, 0.7, at::kDouble)),
        a(leaf(a_value)),
        m(leaf(m_value)),
        log_var(leaf(log_var_value)),
        batch{.input = images, .target = images},
        inference(batch) {
    const auto z = m + (log_var / 2).exp() * noise;
    inference.blocks = {{"z",
                         std::make_shared<Normal>(m, log_var),
                         std::make_shared<Normal>(at::zeros({1, 1, 1}, at::kDouble),
                                                  at::zeros({1, 1, 1}, at::kDouble)),
                         z,
                         {}}};
    const auto mean = (a * z).unsqueeze(-1).unsqueeze(-1);
    inference.likelihood =
        std::make_shared<Normal>(mean, at::full({1, 1, 1, 1, 1}, 2 * std::log(0.5), at::kDouble));
  }

  Tensor leaf(double value) const {
    return at::full({1, images.size(0), 1}, value, at::kDouble).set_requires_grad(true);
  }
  double objective(Loss& loss) {
    Draw draw(1);
    const auto terms = loss.evaluate(inference, {batch, draw, {}, 60, "train"});
    terms.objective.backward();
    return number(terms.objective);
  }

  Tensor images, a, m, log_var;
  Batch batch;
  Inference inference;
};

}  // namespace

TEST_CASE("doubly reparameterised gradients are those of the bound on average") {
  // Over all pairs of draws, each with the weight of its noise.
  const auto points = grid(-7, 7, 141);
  const auto density = (-0.5 * points.square()).exp();
  const auto weight = at::outer(density, density).flatten() / density.sum().square();
  const auto noise = at::stack({points.repeat_interleave(141), points.repeat({141})}).unsqueeze(-1);
  for (const std::string options : {"", ", elbo: 0.3", ", groups: 2"}) {
    INFO(options);
    const auto mean_objective = [&](double a, double m, double log_var) {
      // The bound of two draws, or of one.
      const LinearModel model(noise, a, m, log_var);
      const auto w = model.inference.log_weight();
      const auto two = at::logsumexp(w, 0) - std::log(2.0);
      const double elbo = options.empty() ? 0 : options == ", elbo: 0.3" ? 0.3 : 1;
      return -number((weight * ((1 - elbo) * two + elbo * w.mean(0))).sum());
    };
    const double at[] = {0.8, 0.3, -1.0}, h = 1e-4;
    for (const std::string dreg : {"", ", dreg: true"}) {
      LinearModel model(noise, at[0], at[1], at[2]);
      const auto loss = make(options + dreg);
      loss->train();
      model.objective(*loss);
      const auto mean = [&](const Tensor& leaf) {
        return number((weight * leaf.grad().flatten()).sum()) * static_cast<double>(weight.size(0));
      };
      INFO(dreg);
      CHECK(mean(model.a) == Approx((mean_objective(at[0] + h, at[1], at[2]) -
                                     mean_objective(at[0] - h, at[1], at[2])) /
                                    (2 * h)));
      CHECK(mean(model.m) == Approx((mean_objective(at[0], at[1] + h, at[2]) -
                                     mean_objective(at[0], at[1] - h, at[2])) /
                                    (2 * h)));
      CHECK(mean(model.log_var) == Approx((mean_objective(at[0], at[1], at[2] + h) -
                                           mean_objective(at[0], at[1], at[2] - h)) /
                                          (2 * h)));
    }
  }
}

TEST_CASE("with the exact posterior the doubly reparameterised gradient has no noise") {
  // Precision 1 + a^2 / 0.25, mean a x / 0.25 over it: every weight is p(x).
  const double a = 0.8, precision = 1 + a * a / 0.25, m = a * 0.7 / 0.25 / precision;
  const auto noise = Draw(1).normal({8, 20, 1}).to(at::kDouble);
  for (const std::string options : {"", ", dreg: true"}) {
    LinearModel model(noise, a, m, -std::log(precision));
    const auto loss = make(options);
    loss->train();
    // ln N(0.7; 0, a^2 + 0.25)
    const double variance = a * a + 0.25;
    CHECK(model.objective(*loss) ==
          Approx(0.5 * (0.49 / variance + std::log(2 * M_PI * variance))));
    const double largest =
        number(at::maximum(model.m.grad().abs().max(), model.log_var.grad().abs().max()));
    CHECK((largest < 1e-12) == !options.empty());
    CHECK(number(model.a.grad().abs().min()) > 0);
  }
}

TEST_CASE("doubly reparameterised gradients need one code with a density") {
  const auto refused = [](const std::string& model) {
    try {
      Run run("data: {use: synthetic, size: 28}\nmodel: {use: " + model +
              "}\nloss: {use: iwae, dreg: true}\noptimizer: {use: adam}\n"
              "train: {epochs: 1, samples: 3}\n");
      run.trainer.step(0);
    } catch (const ConfigError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  for (const auto* model : {"mlp_vae", "conditional_vae", "vamp_vae", "sphere_vae"})
    CHECK(refused(model).empty());
  CHECK(refused("ladder_vae").find("has 'z1' (normal), 'z2' (normal)") != std::string::npos);
  CHECK(refused("joint_vae, gaussian: []").find("not a categorical one") != std::string::npos);
  CHECK(refused("flow_vae").find("tells that of its own draws alone") != std::string::npos);
}

TEST_CASE("relaxed categories are refused, and one-hot ones have weights that are unbiased") {
  const auto text = [](const std::string& options) {
    return "data: {use: synthetic, size: 6, batch: 20}\n"
           "model: {use: joint_vae, hidden: [12], gaussian: [], categorical: [5]" +
           options +
           "}\nloss: {use: iwae}\noptimizer: {use: adam}\ntrain: {epochs: 1, samples: 4}\n";
  };
  CHECK_THROWS_WITH(Run(text("")), Catch::Matchers::ContainsSubstring("straight_through: true"));
  const Run run(text(", straight_through: true"));
  auto& model = *run.components.model;
  REQUIRE(model.is_training());
  CHECK(model.bound() == "log p(x)");
  Draw data(1), noise(2, 20'000);
  const auto batch = run.components.data->splits.train.slice(0, 2, data);
  const at::NoGradGuard no_grad;
  // p(x) is a sum over the five categories.
  const auto each = model.decode({{"c", at::eye(5).unsqueeze(1).repeat({1, 2, 1})}})
                        ->log_prob(batch.target.unsqueeze(0))
                        .to(at::kDouble);  // [5, 2]
  const auto truth = at::logsumexp(each, 0) - std::log(5.0);
  const auto weights = model.infer(batch, noise).log_weight().to(at::kDouble) - truth;  // [K, 2]
  const auto error = weights.exp().std(0) / std::sqrt(20'000.0);
  CHECK((weights.exp().mean(0) - 1).abs().le(5 * error).all().item<bool>());
  CHECK(number(error.max()) < 0.02);
}

TEST_CASE("a model without a density has nothing to weigh its draws by") {
  CHECK_THROWS_AS(Run("data: {use: synthetic}\nmodel: {use: autoencoder}\nloss: {use: iwae}\n"
                      "optimizer: {use: adam}\ntrain: {epochs: 1}\n"),
                  ConfigError);
}
