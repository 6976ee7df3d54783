#include <ATen/Functions.h>

#include "support.hpp"
#include "support/catch.hpp"
#include "training/built_in_metrics.hpp"
#include "training/evaluation/evaluator.hpp"
#include "training/evaluation/plain_values.hpp"
#include "unit/math/support.hpp"
#include "varia/distributions.hpp"
#include "varia/error.hpp"

using namespace varia;
using namespace varia::test;
using namespace varia::training;
using Catch::Approx;

namespace {

// More images than one evaluation batch holds, and no multiple of it.
const std::string kData = "data: {use: synthetic, count: 30, test_count: 1203}\n";
const std::string kRest = "optimizer: {use: adam}\ntrain: {epochs: 1}\n";

struct Evaluated {
  explicit Evaluated(const std::string& text)
      : run(text),
        evaluator(run.components, run.trial, registry(), 5),
        split(*run.components.data->splits.test),
        result(evaluator.evaluate(split, {}, 1, 1)) {}
  double value(const std::string& name) const { return result.values.at(name).values.front(); }
  Batch everything() const {
    Draw draw(0);
    return split.slice(0, split.size(), draw);
  }
  Run run;
  Evaluator evaluator;
  const Split& split;
  Evaluator::Result result;
};

}  // namespace

TEST_CASE("a test loss is the mean over images, whatever the batches") {
  const Evaluated e(kData + kRest + "model: {use: autoencoder}\nloss: {use: elbo}\n");
  const auto x = e.everything().input.flatten(1).to(at::kDouble);
  const auto encoder = e.run.tensor("model.encoder").detach().to(at::kDouble);
  const auto decoder = e.run.tensor("model.decoder").detach().to(at::kDouble);
  const auto error = (x - x.matmul(encoder.t()).matmul(decoder.t())).square();
  // Summed over pixels: 36 of them, each with the constant of the Gaussian.
  const double truth =
      number(0.5 * error.sum(1).mean()) + 36 * 0.5 * std::log(2 * 3.14159265358979323846);
  CHECK(e.value("loss") == Approx(truth).epsilon(1e-5));
  CHECK(e.value("reconstruction") == Approx(truth).epsilon(1e-5));
  CHECK(std::isnan(e.value("kl")));
  CHECK(std::isnan(e.value("elbo")));
}

TEST_CASE("an evaluation's KL divergence and active units are those of the whole split") {
  const Evaluated e(kData + kRest +
                    "model: {use: mlp_vae, hidden: [12], latent: 3}\nloss: {use: elbo, beta: 4}\n");
  const torch::NoGradGuard no_grad;
  Draw draw(1);
  const auto inference = e.run.components.model->infer(e.everything(), draw);
  const auto per_dimension = inference.kl(0).to(at::kDouble).mean(1)[0];
  CHECK(e.value("kl_z") == Approx(number(per_dimension.sum())).epsilon(1e-5));
  CHECK(e.value("kl") == e.value("kl_z"));
  CHECK(e.value("loss") == Approx(e.value("reconstruction") + 4 * e.value("kl")).epsilon(1e-5));
  CHECK(e.value("elbo") == Approx(-e.value("reconstruction") - e.value("kl")).epsilon(1e-9));
  const auto& found = e.result.values.at("kl_per_dim_z");
  REQUIRE(found.values.size() == 3);
  for (std::int64_t d = 0; d < 3; ++d)
    CHECK(found.values[static_cast<std::size_t>(d)] ==
          Approx(number(per_dimension[d])).epsilon(1e-5));
  const auto means = inference.blocks[0].posterior->mean()[0].to(at::kDouble);
  const auto variance = (means - means.mean(0)).square().mean(0);
  CHECK(e.value("active_units_z") == number(variance.gt(0.01).sum()));
  CHECK_FALSE(e.run.components.model->is_training());
}

TEST_CASE("an evaluation is the same each time, and another metric changes no other value") {
  const std::string model = "model: {use: mlp_vae, hidden: [12], latent: 3}\nloss: {use: elbo}\n";
  Evaluated plain(kData + kRest + model);
  const Evaluated more(
      kData + kRest + model +
      "metrics: [{use: nll, samples: 3, images: 10}, {use: nll, as: other, samples: "
      "2, images: 10}]\n");
  for (const auto& [name, value] : plain.result.values) {
    CHECK(more.result.values.at(name) == value);
    CHECK(plain.evaluator.evaluate(plain.split, {}, 1, 1).values.at(name) == value);
  }
  CHECK(more.result.values.size() == plain.result.values.size() + 2 * 7);
  CHECK(more.result.values.count("other_standard_error") == 1);
  CHECK(more.result.infos.at("nll").units == "nats");
}

TEST_CASE("a metric that follows the training is measured on its batches, and changes none of it") {
  const std::string text =
      "data: {use: synthetic, count: 30, batch: 8}\noptimizer: {use: adam, lr: 1e-2}\n"
      "train: {epochs: 2}\nmodel: {use: self_conditional_vae, hidden: [12], latent: 2}\n"
      "loss: {use: classified_elbo}\n";
  Run plain(text);
  for (std::int64_t step = 0; step < 8; ++step) plain.trainer.step(step);

  Run watched(text + "metrics: [contingency, cross_entropy, knn_accuracy]\n");
  Evaluator evaluator(watched.components, watched.trial, registry(), 5);
  for (std::int64_t epoch = 0; epoch < 2; ++epoch) {
    evaluator.begin_training({}, epoch + 1, 2);
    std::map<std::string, RunningMean> means;
    for (std::int64_t step = 4 * epoch; step < 4 * epoch + 4; ++step) {
      watched.trainer.step(step, [&](const auto& inference, const auto& batch) {
        evaluator.follow(inference, batch);
      });
      for (const auto& record : watched.trainer.take_records())
        for (const auto& [name, value] : record.scalars) means[name].add(value, record.images);
    }
    const auto result = evaluator.finish_training({}, epoch + 1, 2, means);
    // The loss has the same cross-entropy as a term: each step's, before the step.
    CHECK(result.values.at("cross_entropy").values.front() ==
          Approx(result.values.at("classification").values.front()).epsilon(1e-5));
    CHECK(result.infos.at("cross_entropy").units == "nats");
    double counted = 0;
    for (const double count : result.values.at("contingency").values) counted += count;
    CHECK(counted == 30);
    CHECK(result.values.count("knn_accuracy") == 0);
    evaluator.evaluate(*watched.components.data->splits.test, {}, epoch + 1, 2);
  }
  CHECK(same_bits(plain.snapshot(), watched.snapshot()));
}

TEST_CASE(
    "what the metrics that follow have gathered goes on in new ones, and only where it fits") {
  const std::string text =
      "data: {use: synthetic, count: 30, batch: 8}\noptimizer: {use: adam, lr: 1e-2}\n"
      "train: {epochs: 2}\nmodel: {use: self_conditional_vae, hidden: [12], latent: 2}\n"
      "loss: {use: classified_elbo}\nmetrics: [contingency, cross_entropy]\n";
  Run run(text);
  Evaluator whole(run.components, run.trial, registry(), 5);
  Evaluator rest(run.components, run.trial, registry(), 5);
  whole.begin_training({}, 1, 2);
  rest.begin_training({}, 1, 2);
  for (std::int64_t step = 0; step < 4; ++step) {
    run.trainer.step(step, [&](const auto& inference, const auto& batch) {
      if (step == 2) rest.restore_running_metrics(whole.running_metrics().value());
      whole.follow(inference, batch);
      if (step >= 2) rest.follow(inference, batch);
    });
  }
  auto metrics = whole.running_metrics().value();
  const bool same =
      whole.finish_training({}, 1, 2, {}).values == rest.finish_training({}, 1, 2, {}).values;
  CHECK(same);

  rest.begin_training({}, 1, 2);
  metrics["contingency"]["counts"] = at::zeros({1, 2}, at::kLong);
  CHECK_THROWS_AS(rest.restore_running_metrics(metrics), Error);
  metrics.erase("contingency");
  CHECK_THROWS_AS(rest.restore_running_metrics(metrics), Error);
}

TEST_CASE("which values of a metric are better is asked of the entry that records it") {
  Run run(kData + kRest +
          "model: {use: self_conditional_vae, hidden: [12], latent: 2}\n"
          "loss: {use: classified_elbo}\n"
          "metrics: [{use: cross_entropy, as: class}, {use: accuracy, as: class_accuracy}]\n");
  const Evaluator evaluator(run.components, run.trial, registry(), 5);
  CHECK(evaluator.better("test/class", {}) == Better::lower);
  CHECK(evaluator.better("test/class_accuracy", {}) == Better::higher);
  CHECK(evaluator.better("test/classification", {}) == Better::lower);  // of the loss
}

TEST_CASE("a metric that does not suit the model is refused before anything is trained") {
  Run run(kData + kRest + "model: {use: mlp_vae}\nloss: {use: elbo}\nmetrics: [nmi]\n");
  CHECK_THROWS_AS(Evaluator(run.components, run.trial, registry(), 5), ConfigError);
}

TEST_CASE("a split whose last batch has one image is evaluated, whatever the loss and the metric") {
  const auto evaluate = [](const std::string& model, const std::string& rest) {
    const auto text =
        "data: {use: synthetic, factors: true, batch: 16, test_count: 501}\n"
        "model: {use: mlp_vae, hidden: [8], latent: 2" +
        model + "}\n" + rest;
    INFO(text);
    std::optional<Run> run;
    std::optional<Evaluator> evaluator;
    try {
      run.emplace(text);
      evaluator.emplace(run->components, run->trial, registry(), 1);
    } catch (const ConfigError&) {
      return;  // it does not suit the model
    }
    CHECK(
        evaluator->evaluate(*run->components.data->splits.test, {}, 1, 1).values.contains("loss"));
  };
  for (const auto* loss : registry().list("loss"))
    if (loss->plugin != "tests") evaluate("", "loss: {use: " + loss->name + "}\n");
  for (const auto* metric : {"kl_parts", "contingency", "cross_entropy"})
    evaluate("", "metrics: [" + std::string(metric) + "]\n");
  for (const auto* likelihood : registry().list("likelihood"))
    evaluate(", likelihood: " + likelihood->name, "metrics: [{use: nll, samples: 2}]\n");
}

TEST_CASE("a scatter plot has the names of the classes among its labels") {
  const Scatter scatter{at::zeros({4, 2}), at::tensor({2, 0, 2, 3}, at::kLong)};
  CHECK(to_points(scatter, {"cat", "dog", "ship"}, 1).classes ==
        results::ClassNames{{0, "cat"}, {2, "ship"}});
  CHECK(to_points(scatter, {}, 1).classes.empty());
  CHECK(to_points({at::zeros({4, 2}), {}}, {"cat"}, 1).classes.empty());
  std::vector<std::string> many;
  for (int i = 0; i < 150; ++i) many.push_back(std::to_string(i));
  const auto first = to_points({at::zeros({150, 2}), at::arange(150, at::kLong)}, many, 1).classes;
  CHECK(first.size() == 100);
  CHECK(first.rbegin()->second == "99");
}
