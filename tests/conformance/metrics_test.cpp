#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

#include "factor_information.hpp"
#include "factor_metric.hpp"
#include "gaussian_correlation.hpp"
#include "logistic_regression.hpp"
#include "neighbour_information.hpp"
#include "support/catch.hpp"
#include "support/contains.hpp"
#include "training/evaluation/evaluator.hpp"
#include "unit/math/support.hpp"
#include "unit/training/support.hpp"
#include "varia/codes.hpp"
#include "varia/distributions.hpp"
#include "varia/error.hpp"
#include "varia/metric.hpp"

// The metrics of categories, codes and known factors on models, by other ways to the same numbers;
// tests/unit/metrics has their mathematics.

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

const std::string kJoint = "{use: joint_vae, hidden: [12], gaussian: [2], categorical: [4]}";
const std::string kSelf = "{use: self_conditional_vae, hidden: [12], latent: 2}";
const std::string kExact = "linear_gaussian";

std::string settings(const std::string& model, const std::string& metrics,
                     const std::string& data = "{use: synthetic, count: 90, test_count: 700}") {
  return "data: " + data + "\nmodel: " + (model.front() == '{' ? model : "{use: " + model + "}") +
         "\nloss: {use: elbo}\noptimizer: {use: adam}\ntrain: {epochs: 1}\nmetrics: [" + metrics +
         "]\n";
}

/// A model measured on the test split, which takes more than one batch.
struct MeasuredModel {
  MeasuredModel(const std::string& model, const std::string& metrics,
                const std::string& data = "{use: synthetic, count: 90, test_count: 700}")
      : run(settings(model, metrics, data)),
        evaluator(run.components, run.trial, registry(), 5),
        result(evaluator.evaluate(*run.components.data->splits.test, {}, 1, 1)) {}
  const results::Array& array(const std::string& name) const { return result.values.at(name); }
  double value(const std::string& name) const { return array(name).values.front(); }
  Batch everything() const {
    Draw draw(0);
    return run.components.data->splits.test->slice(0, 700, draw);
  }
  /// ln q(c | x), [B, D]
  Tensor log_probabilities() const {
    const torch::NoGradGuard no_grad;
    Draw draw(1);
    const auto block = run.components.model->encode(everything(), draw).at(1);
    return dynamic_cast<const Categorical&>(*block.posterior).log_probabilities()[0];
  }
  /// Posterior means: of training and of test images.
  std::pair<Codes, Codes> codes(std::int64_t train = 1000, std::int64_t test = 1000) const {
    const torch::NoGradGuard no_grad;
    Draw draw(1);
    auto& model = *run.components.model;
    const auto& splits = run.components.data->splits;
    return {encode_split(model, splits.train, train, {}, draw),
            encode_split(model, *splits.test, test, {}, draw)};
  }
  Run run;
  training::Evaluator evaluator;
  training::Evaluator::Result result;
};

/// [n] log-density under independent Gaussians with the moments of `known`.
Tensor gaussian(const Tensor& points, const Tensor& known) {
  const auto variance = known.var(0, false) + 1e-6;
  return -0.5 * ((points - known.mean(0)).square() / variance + variance.log() +
                 std::log(2 * std::numbers::pi))
                    .sum(1);
}

double agreement(const Tensor& found, const Tensor& labels) {
  return number(found.eq(labels).to(at::kDouble).mean());
}

std::string refusal(const std::string& model, const std::string& metric,
                    const std::string& data = "{use: synthetic}") {
  try {
    Run run(settings(model, metric, data));
    const training::Evaluator evaluator(run.components, run.trial, registry(), 5);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a contingency matrix counts every image of the split once") {
  const MeasuredModel m(kJoint, "contingency, nmi, cluster_accuracy");
  const auto& found = m.array("contingency");
  REQUIRE(found.shape == std::vector<std::int64_t>{4, 3});
  const auto category = m.log_probabilities().argmax(1);
  const auto labels = m.everything().labels;
  for (std::int64_t i = 0; i < 4; ++i)
    for (std::int64_t j = 0; j < 3; ++j)
      CHECK(found.values[static_cast<std::size_t>(i * 3 + j)] ==
            number(category.eq(i).logical_and(labels.eq(j)).sum()));
  CHECK(m.result.infos.at("contingency").units == "count");

  // The best assignment by trying all: three of four categories, in any order.
  std::vector<std::size_t> order = {0, 1, 2, 3};
  double most = 0;
  do {
    double agreeing = 0;
    for (std::size_t label = 0; label < 3; ++label)
      agreeing += found.values[order[label] * 3 + label];
    most = std::max(most, agreeing);
  } while (std::next_permutation(order.begin(), order.end()));
  CHECK(m.value("cluster_accuracy") == Approx(most / 700));
  const auto& assigned = m.array("contingency_assignment");
  REQUIRE(assigned.shape == std::vector<std::int64_t>{4});
  double agreeing = 0;
  for (std::size_t i = 0; i < 4; ++i)
    if (!std::isnan(assigned.values[i]))
      agreeing += found.values[i * 3 + static_cast<std::size_t>(assigned.values[i])];
  CHECK(agreeing == most);

  // H(c) + H(y) - H(c, y) over the mean of H(c) and H(y).
  const auto joint = doubles(found.values).view({4, 3}) / 700;
  const auto entropy = [](const Tensor& p) { return -number(at::xlogy(p, p).sum()); };
  const double h_c = entropy(joint.sum(1)), h_y = entropy(joint.sum(0));
  CHECK(m.value("nmi") == Approx((h_c + h_y - entropy(joint)) / ((h_c + h_y) / 2)).epsilon(1e-9));
}

TEST_CASE("accuracy, cross-entropy and entropy are those of the classifier's probabilities") {
  const MeasuredModel m(kSelf, "accuracy, cross_entropy, posterior_entropy");
  const auto logs = m.log_probabilities();
  const auto labels = m.everything().labels;
  CHECK(m.value("accuracy") == Approx(agreement(logs.argmax(1), labels)));
  CHECK(m.value("cross_entropy") ==
        Approx(-number(logs.gather(1, labels.unsqueeze(1)).mean())).epsilon(1e-6));
  CHECK(m.value("posterior_entropy") ==
        Approx(-number((logs.exp() * logs).sum(1).mean())).epsilon(1e-6));
  CHECK(m.result.infos.at("cross_entropy").units == "nats");
}

TEST_CASE("metrics of categories say what there is where none or several suit") {
  CHECK(contains(refusal("mlp_vae", "nmi"), "this one has z (normal)"));
  CHECK(contains(refusal("conditional_vae", "nmi"), "y (observed)"));
  const std::string several = "{use: joint_vae, gaussian: [2], categorical: [3, 4]}";
  CHECK(contains(refusal(several, "nmi"), "name one of: c1, c2"));
  CHECK(refusal(several, "{use: nmi, block: c2}").empty());
  CHECK(contains(refusal(several, "{use: nmi, block: z}"), "it infers: c1, c2"));
  CHECK(contains(refusal("{use: joint_vae, categorical: [2]}", "accuracy"),
                 "each of the 3 labels; the block has 2"));
  CHECK(refusal("{use: joint_vae, categorical: [2]}", "cluster_accuracy").empty());
}

TEST_CASE("metrics of codes say what there is where no code suits") {
  CHECK(contains(refusal("mlp_vae", "{use: linear_probe, blocks: [c]}"), "no latent variable 'c'"));
  CHECK(contains(refusal("{use: joint_vae, gaussian: []}", "knn_accuracy"), "are categorical"));
  CHECK(refusal("{use: joint_vae, gaussian: []}", "{use: knn_accuracy, blocks: [c]}").empty());
  for (const auto* metric : {"mig", "mig_sup", "factor_vae_score", "beta_vae_score", "modularity",
                             "explicitness", "sap", "dci", "irs"}) {
    CHECK(contains(refusal("mlp_vae", metric), "factors are known"));
    CHECK(refusal("mlp_vae", metric, "{use: synthetic, factors: true}").empty());
  }
  for (const auto* metric : {"mig", "mig_sup", "modularity"}) {
    const auto with = [&](const std::string& parameters) {
      return refusal("mlp_vae", "{use: " + std::string(metric) + parameters + "}",
                     "{use: synthetic, factors: true}");
    };
    CHECK(contains(with(", neighbours: 3"), "no effect on the estimator by bins"));
    CHECK(contains(with(", estimator: neighbours, bins: 20"),
                   "no effect on the estimator by neighbours"));
    CHECK(with(", estimator: neighbours, neighbours: 3").empty());
  }
}

TEST_CASE("neighbours and the linear probe classify the means of the posteriors") {
  const MeasuredModel m(kExact, "{use: knn_accuracy, k: 1}, linear_probe");
  const auto [train, test] = m.codes();
  const auto nearest = at::cdist(test.points, train.points).argmin(1);
  CHECK(m.value("knn_accuracy") ==
        Approx(agreement(train.labels.index_select(0, nearest), test.labels)));
  const metrics::LogisticRegression probe(train.points, train.labels, 3);
  CHECK(m.value("linear_probe") ==
        Approx(agreement(probe.probabilities(test.points).argmax(1), test.labels)));
}

TEST_CASE("as many training images are encoded as are asked for") {
  const MeasuredModel m(kExact, "{use: knn_accuracy, k: 1, train_images: 2, images: 7}");
  const auto [train, test] = m.codes(2, 7);
  REQUIRE((train.points.size(0) == 2 && test.points.size(0) == 7));
  const auto nearest = at::cdist(test.points, train.points).argmin(1);
  CHECK(m.value("knn_accuracy") ==
        Approx(agreement(train.labels.index_select(0, nearest), test.labels)));
}

TEST_CASE("the density classifier is Bayes' rule with the density of each class") {
  // Four training images: two of class 0, one each of 1 and 2.
  for (const auto* count : {"4", "90"}) {
    const MeasuredModel m(kExact, "{use: density_classifier, density: moments}",
                          "{use: synthetic, count: " + std::string(count) + ", test_count: 700}");
    const auto [train, test] = m.codes();
    std::vector<Tensor> scores;
    for (std::int64_t label = 0; label < 3; ++label) {
      const auto members =
          train.points.index_select(0, train.labels.eq(label).nonzero().squeeze(1));
      const double frequency =
          static_cast<double>(members.size(0)) / static_cast<double>(train.points.size(0));
      scores.push_back(gaussian(test.points, members) + std::log(frequency));
    }
    CHECK(m.value("density_classifier") ==
          Approx(agreement(at::stack(scores, 1).argmax(1), test.labels)));
  }
}

TEST_CASE("the log-density of codes is that of the fitted density and of the prior") {
  const MeasuredModel m(kExact, "{use: code_log_density, density: moments, sampled: false}");
  const auto [train, test] = m.codes();
  CHECK(m.value("code_log_density") == Approx(number(gaussian(test.points, train.points).mean())));
  const auto prior = -0.5 * (test.points.square() + std::log(2 * std::numbers::pi)).sum(1);
  CHECK(m.value("code_log_density_prior") == Approx(number(prior.mean())));
  CHECK(m.result.infos.at("code_log_density_prior").units == "nats");
}

TEST_CASE("codes where the density is zero do not make their mean minus infinity") {
  const MeasuredModel m(
      kExact, "{use: code_log_density, density: {use: histogram, bins: 4}, sampled: false}");
  const auto [train, test] = m.codes();
  // By brute force: training codes in the same cell of four bins in each dimension.
  const auto low = std::get<0>(train.points.min(0)), high = std::get<0>(train.points.max(0));
  const auto cell = [&](const Tensor& points) {
    const auto bin = ((points - low) / (high - low) * 4).floor();
    return at::where((points == high).expand_as(bin), at::full_like(bin, 3), bin);
  };
  const auto same = cell(test.points).unsqueeze(1).eq(cell(train.points)).all(-1).sum(1);
  const auto known = same.gt(0);
  const auto volume = (high - low).log().sum() - std::log(4.0) * static_cast<double>(low.size(0));
  const auto density = (same.to(at::kDouble) / 90).log() - volume;
  CHECK(number(known.sum()) < 700);
  CHECK(m.value("code_log_density") == Approx(number(density.masked_select(known).mean())));
  CHECK(m.value("code_log_density_outside") == Approx(1 - number(known.sum()) / 700));
  const auto prior = -0.5 * (test.points.square() + std::log(2 * std::numbers::pi)).sum(1);
  CHECK(m.value("code_log_density_gap") ==
        Approx(number((density - prior).masked_select(known).mean())));
}

TEST_CASE("values that a worse model can have too declare no direction") {
  const MeasuredModel m("mlp_vae",
                        "{use: code_log_density, density: moments}, kl_parts, "
                        "gaussian_correlation, "
                        "{use: nll, samples: 4, bounds: [2], renyi: [-2, -0.5, 0, 0.5]}");
  const auto better = [&](const std::string& name) { return m.result.infos.at(name).better; };
  for (const auto* name :
       {"code_log_density_gap", "code_log_density_outside", "kl_parts_gaussian_total_correlation",
        "gaussian_correlation_total", "gaussian_correlation_wasserstein_norm", "nll", "nll_k2",
        "nll_renyi_0", "nll_renyi_0.5", "nll_renyi_0.5_k2"}) {
    INFO(name);
    CHECK(better(name) == Better::lower);
  }
  for (const auto* name :
       {"code_log_density", "code_log_density_prior", "gaussian_correlation_wasserstein",
        "kl_parts_total_correlation", "kl_parts_independent_total_correlation", "nll_renyi_-2",
        "nll_renyi_-0.5", "nll_renyi_-2_k2"}) {
    INFO(name);
    CHECK(better(name) == Better::neither);
  }
}

TEST_CASE("sampled codes are spread out by the posterior's variance under the prior") {
  const MeasuredModel m(kExact, "{use: code_log_density, density: moments}");
  const auto [train, test] = m.codes();
  const torch::NoGradGuard no_grad;
  Draw draw(1);
  const auto variance = m.run.components.model->encode(m.everything(), draw)
                            .at(0)
                            .posterior->variance()[0]
                            .to(at::kDouble);
  // E ln N(z; 0, I) under q is that of the mean less half the variance.
  const auto expected =
      -0.5 * (test.points.square() + variance + std::log(2 * std::numbers::pi)).sum(1).mean();
  // The standard error over 700 images is about 0.03.
  CHECK(std::abs(m.value("code_log_density_prior") - number(expected)) < 0.15);
}

TEST_CASE("codes have a log-density under a prior over all numbers alone") {
  // None, one on a sphere, and one of categories.
  const std::vector<std::pair<std::string, std::string>> models = {
      {"autoencoder", ""},
      {"{use: sphere_vae, hidden: [12], latent: 3}", ""},
      {kJoint, ", blocks: [c]"}};
  for (const auto& [model, blocks] : models) {
    INFO(model);
    const MeasuredModel m(model, "{use: code_log_density, density: moments" + blocks + "}");
    CHECK(std::isfinite(m.value("code_log_density")));
    CHECK(std::isnan(m.value("code_log_density_prior")));
    CHECK(std::isnan(m.value("code_log_density_gap")));
  }
}

TEST_CASE("an evaluation records scores of factors by their names, of the evaluated split") {
  // tests/unit/views/factor_scores_test.cpp has the others, and their parameters.
  const MeasuredModel m("mlp_vae",
                        "{use: mig, bins: 7}, "
                        "{use: mig, as: mig_of_neighbours, estimator: neighbours, neighbours: 4}",
                        "{use: synthetic, count: 90, test_count: 700, factors: true}");
  const torch::NoGradGuard no_grad;
  const auto& split = *m.run.components.data->splits.test;
  const auto check = [&](const std::string& name, const auto& information) {
    auto draw = m.evaluator.draw("metric " + name + " on test");
    const auto codes = encode_split(*m.run.components.model, split, 10'000, {}, draw);
    const auto* const points = codes.points.data_ptr<double>();
    const auto* const factors = codes.factors.data_ptr<float>();
    const auto gaps = metrics::mutual_information_gaps(
        information(metrics::factor_codes({points, points + codes.points.numel()},
                                          {factors, factors + codes.factors.numel()}, 700),
                    draw));
    REQUIRE(m.array(name + "_per_factor").shape == std::vector<std::int64_t>{2});
    for (std::size_t f = 0; f < 2; ++f)
      CHECK(m.array(name + "_per_factor").values[f] == Approx(gaps.at(f)).margin(1e-9));
    CHECK(m.value(name) == Approx((gaps.at(0) + gaps.at(1)) / 2).margin(1e-9));
  };
  check("mig", [](const auto& codes, Draw&) { return metrics::binned_information(codes, 7); });
  check("mig_of_neighbours", [](const auto& codes, Draw& draw) {
    return metrics::neighbour_information(codes, 4, metrics::uniform_numbers(draw));
  });
}

TEST_CASE("the Gaussian correlation is that of the covariance of the posterior means") {
  const MeasuredModel m(kExact,
                        "gaussian_correlation, {use: gaussian_correlation, as: some, "
                        "images: 50}");
  const auto points = m.codes().second.points;
  const auto value = [](const Tensor& covariance) {
    return number(metrics::gaussian_total_correlation(covariance));
  };
  CHECK(m.value("gaussian_correlation_total") == Approx(value(at::cov(points.t()))).margin(1e-9));
  const auto some = m.codes(50, 50).second.points;
  CHECK(m.value("some_total") == Approx(value(at::cov(some.t()))).margin(1e-9));
  CHECK(m.result.infos.at("gaussian_correlation_total").units == "nats");
  CHECK(m.value("gaussian_correlation_wasserstein_norm") * number(points.var(0).sum()) ==
        Approx(m.value("gaussian_correlation_wasserstein")));
}

TEST_CASE("bits per dimension are the negative ELBO over the numbers of a sample, in bits") {
  const MeasuredModel measured(kExact, "bits_per_dimension");
  CHECK(measured.value("bits_per_dimension") ==
        Approx(-measured.value("elbo") / 36 / std::numbers::ln2).epsilon(1e-6));
}

TEST_CASE("anomaly_auc is the part of pairs in which the held-out image has the lower ELBO") {
  const MeasuredModel measured(
      kExact, "anomaly_auc, {use: anomaly_auc, as: by_distortion, score: reconstruction}",
      "{use: synthetic, count: 90, test_count: 700, held_out: [2]}");
  const torch::NoGradGuard no_grad;
  // The pass that all metrics share, with the same draws.
  std::vector<Tensor> distortions, negative_elbos, labels;
  measured.evaluator.for_each_batch(
      *measured.run.components.data->splits.test,
      [&](const Batch& batch, Draw& noise, std::int64_t) {
        const auto inference = measured.run.components.model->infer(batch, noise);
        distortions.push_back(-inference.log_likelihood()[0]);
        negative_elbos.push_back(distortions.back() + inference.kl_per_sample(0));
        labels.push_back(batch.labels);
      });
  const auto is_anomaly = at::cat(labels).eq(2);
  const auto area = [&](const std::vector<Tensor>& parts) {
    const auto scores = at::cat(parts);
    const auto anomalies = scores.masked_select(is_anomaly).unsqueeze(1);
    const auto known = scores.masked_select(is_anomaly.logical_not()).unsqueeze(0);
    return number((anomalies.gt(known).to(at::kDouble) + 0.5 * anomalies.eq(known)).mean());
  };
  CHECK(measured.value("anomaly_auc") == Approx(area(negative_elbos)).margin(1e-6).epsilon(0));
  CHECK(measured.value("by_distortion") == Approx(area(distortions)).margin(1e-6).epsilon(0));
}

TEST_CASE("anomaly_auc of four known and four held-out samples is counted by hand") {
  Run run(settings(kExact, "", "{use: synthetic, held_out: [2]}"));
  // Under N(0, 1) the distortion is x^2 / 2 and a constant; the KL divergence of N(m, 1) is
  // m^2 / 2.
  const auto x = at::tensor({1.0F, 2.0F, 3.0F, 4.0F, 1.5F, 2.5F, 3.5F, 5.0F});
  const auto m = at::tensor({5.0F, 1.0F, 1.0F, 1.0F, 4.0F, 3.0F, 4.0F, 2.0F}).view({1, 8, 1});
  const auto images = x.view({8, 1, 1, 1});
  const Batch batch{
      .input = images, .target = images, .labels = at::tensor({0, 1, 0, 1, 2, 2, 2, 2}, at::kLong)};
  Inference inference(batch);
  inference.blocks = {
      {"z", std::make_shared<Normal>(m, at::zeros_like(m)), Normal::unit({1}, torch::kCPU), m, {}}};
  inference.likelihood = std::make_shared<Normal>(at::zeros({1, 8, 1, 1, 1}), at::zeros({1}));
  const auto measured = [&](const std::string& score) {
    const auto config =
        training::configure(registry(), "metric", yaml("{use: anomaly_auc" + score + "}"));
    const auto metric = training::make<Metric>(config, run.components.build);
    const auto& splits = run.components.data->splits;
    Draw draw(1);
    const Evaluation evaluation{*run.components.model, splits.train, *splits.test, draw, {}};
    metric->begin(evaluation);
    metric->update(inference, batch);
    return number(metric->result(evaluation).at("anomaly_auc"));
  };
  // x^2 + m^2 of the known samples is 26, 5, 10 and 17, below 18.25, 15.25, 28.25 and 29 in 3 + 2 +
  // 4 + 4 of 16 pairs. (m^2 alone: 12 of 16.)
  CHECK(measured("") == Approx(13.0 / 16));
  // x^2 of them is 1, 4, 9 and 16, below 2.25, 6.25, 12.25 and 25 in 1 + 2 + 3 + 4.
  CHECK(measured(", score: reconstruction") == Approx(10.0 / 16));
}

TEST_CASE("anomaly_auc needs classes that are held out") {
  CHECK_THROWS_WITH(MeasuredModel(kExact, "anomaly_auc"),
                    Catch::Matchers::ContainsSubstring("Set data.held_out"));
}

TEST_CASE("the imputation error is that of numbers which the encoder does not see") {
  const MeasuredModel measured(kExact, "{use: imputation_error, hidden: 0.3}");
  const torch::NoGradGuard no_grad;
  auto batch = measured.everything();
  const auto truth = batch.target;
  const auto hidden = Draw(77).uniform(truth.sizes()).lt(0.3);
  const auto root_mean_square = [&](const Tensor& guess) {
    return std::sqrt(number((guess - truth).masked_select(hidden).square().mean()));
  };
  batch.input = truth.masked_fill(hidden, 0);
  Draw noise(78);
  const auto guess = measured.run.components.model->infer(batch, noise).likelihood->mean()[0];
  // Another draw of what is hidden, among 7,500 numbers.
  CHECK(measured.value("imputation_error") == Approx(root_mean_square(guess)).epsilon(0.05));
  const auto mean = measured.run.components.data->splits.train.mean();
  CHECK(measured.value("imputation_error_of_mean") ==
        Approx(root_mean_square(mean.expand_as(truth))).epsilon(0.05));
}
