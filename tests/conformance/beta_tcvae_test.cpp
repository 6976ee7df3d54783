#include <ATen/Functions.h>

#include <cmath>
#include <map>

#include "support/catch.hpp"
#include "unit/math/support.hpp"
#include "unit/training/support.hpp"
#include "varia/aggregate_posterior.hpp"
#include "varia/distributions.hpp"
#include "varia/error.hpp"
#include "varia/metric.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

constexpr std::int64_t kBatch = 256;
constexpr std::int64_t kSize = 60'000;
constexpr std::int64_t kDimensions = 10;
constexpr double kDeviation = 0.7;

std::shared_ptr<Loss> make(const std::string& options) {
  return training::make<Loss>(
      training::configure(registry(), "loss", yaml("{use: beta_tcvae" + options + "}")), {});
}

/// A batch of data whose posteriors are N(m, s^2) with m ~ N(0, 1 - s^2): the aggregate posterior
/// is N(0, I), so that total correlation and dimension-wise KL are 0 and the mutual information is
/// -D ln s = 3.57 nats.
struct IndependentGaussian {
  explicit IndependentGaussian(std::uint64_t key, std::int64_t samples = 1)
      : draw(key, samples),
        images(at::full({kBatch, 1, 1, 1}, 0.5)),
        batch{.input = images, .target = images},
        inference(batch) {
    const auto mean =
        std::sqrt(1 - kDeviation * kDeviation) * draw.normal({1, kBatch, kDimensions});
    const auto posterior =
        std::make_shared<Normal>(mean, at::full_like(mean, 2 * std::log(kDeviation)));
    inference.blocks = {{"z",
                         posterior,
                         Normal::unit({kDimensions}, torch::kCPU),
                         posterior->rsample(draw).value,
                         {}}};
    inference.likelihood = std::make_shared<Bernoulli>(at::full({1, kBatch, 1, 1, 1}, 0.3));
  }

  Terms evaluate(Loss& loss) { return loss.evaluate(inference, {batch, draw, {}, kSize, "train"}); }

  Draw draw;
  Tensor images;
  Batch batch;
  Inference inference;
};

struct Parts {
  double mutual_information = 0, total_correlation = 0, dimension_wise = 0;

  /// What the parts add up to is off by the batches' own chance, as its mean is known; most of the
  /// mutual information's is the same.
  double steadied_mutual_information() const {
    const double sum = mutual_information + total_correlation + dimension_wise;
    return mutual_information - (sum + kDimensions * std::log(kDeviation));
  }
};

/// Means over batches of what the loss records.
Parts mean_parts(const std::string& options) {
  const at::NoGradGuard no_grad;
  const auto loss = make(options);
  Parts parts;
  const int batches = 100;
  for (int i = 0; i < batches; ++i) {
    const auto recorded =
        IndependentGaussian(static_cast<std::uint64_t>(i) + 1).evaluate(*loss).recorded;
    REQUIRE(recorded.size() == 3);
    parts.mutual_information += number(recorded[0].value) / batches;
    parts.total_correlation += number(recorded[1].value) / batches;
    parts.dimension_wise += number(recorded[2].value) / batches;
  }
  return parts;
}

/// The same parts from any weights.
Parts parts_with(const Tensor& log_weights) {
  const at::NoGradGuard no_grad;
  Parts parts;
  const int batches = 100;
  for (int i = 0; i < batches; ++i) {
    const IndependentGaussian one(static_cast<std::uint64_t>(i) + 1);
    const auto& z = one.inference.blocks[0];
    const auto aggregate =
        aggregate_posterior(pairwise_log_density(*z.posterior, z.value), log_weights);
    const double joint = number(aggregate.joint.mean());
    const double product = number(aggregate.marginals.sum(-1).mean());
    parts.mutual_information += (number(z.posterior->log_prob(z.value).mean()) - joint) / batches;
    parts.total_correlation += (joint - product) / batches;
    parts.dimension_wise += (product - number(z.prior->log_prob(z.value).mean())) / batches;
  }
  return parts;
}

}  // namespace

// The expected values are means over 400 batches of a program of its own, without LibTorch: loops
// over draws, images and dimensions in float64 that add up weighted densities. One batch's figures
// have standard deviations of 0.15, 0.05 and 0.01.

TEST_CASE("stratified sampling finds the three parts of a known KL divergence", "[slow]") {
  const auto parts = mean_parts("");
  CHECK(parts.steadied_mutual_information() == Approx(3.80).margin(0.02));
  CHECK(parts.total_correlation == Approx(-0.22).margin(0.02));
  CHECK(parts.dimension_wise == Approx(-0.02).margin(0.01));
}

TEST_CASE("weighted sampling has its known offsets", "[slow]") {
  const auto parts = mean_parts(", sampling: weighted");
  CHECK(parts.steadied_mutual_information() == Approx(14.27).margin(0.02));
  CHECK(parts.total_correlation == Approx(99.30).margin(0.02));
  CHECK(parts.dimension_wise == Approx(-110.00).margin(0.01));
}

TEST_CASE("weights whose stride walks down a column are another estimate", "[slow]") {
  // The copied mistake: with M + 1 columns, every (M + 1)-th weight is the first of a row.
  const double others = kBatch - 1;
  auto weights = at::full({kBatch, kBatch}, 1 / others);
  weights.select(1, 0).fill_(1.0 / kSize);
  const double rest = (kSize - others) / (kSize * others);
  weights.select(1, 1).fill_(rest);
  weights[kBatch - 2][0] = rest;
  const auto wrong = parts_with(weights.log());
  CHECK(wrong.steadied_mutual_information() == Approx(3.27).margin(0.02));
  CHECK(wrong.total_correlation == Approx(0.27).margin(0.02));
  CHECK(wrong.dimension_wise == Approx(0.02).margin(0.01));
  // The right ones say that independent codes have no correlation, nearly.
  const auto right = parts_with(stratified_log_weights(kBatch, kSize));
  CHECK(right.total_correlation < wrong.total_correlation - 0.4);
}

TEST_CASE("what is recorded of narrow posteriors is nats away from the total correlation",
          "[slow]") {
  // Means over 2,000 batches of such a program, whose standard errors are at most 0.011. Codes are
  // N(0, S), S with ones and rho beside the diagonal, posteriors N(m, 0.3^2).
  struct Case {
    std::int64_t dimensions;
    double rho, exact, recorded;
  };
  for (const auto& [dimensions, rho, exact, recorded] :
       {Case{5, 0.5, 0.837, -0.124}, Case{10, 0.3, 0.951, 3.203}}) {
    const auto covariance =
        at::full({dimensions, dimensions}, rho) + (1 - rho) * at::eye(dimensions);
    CHECK(-0.5 * number(at::logdet(covariance)) == Approx(exact).margin(1e-3));
    const auto factor = at::linalg_cholesky(covariance - 0.09 * at::eye(dimensions));
    const at::NoGradGuard no_grad;
    const auto loss = make("");
    double mean = 0;
    for (std::uint64_t key = 1; key <= 300; ++key) {
      Draw draw(key);
      const auto images = at::full({64, 1, 1, 1}, 0.5);
      const Batch batch{.input = images, .target = images};
      Inference inference(batch);
      const auto m = draw.normal({1, 64, dimensions}).matmul(factor.t());
      const auto posterior = std::make_shared<Normal>(m, at::full_like(m, 2 * std::log(0.3)));
      inference.blocks = {{"z",
                           posterior,
                           Normal::unit({dimensions}, torch::kCPU),
                           posterior->rsample(draw).value,
                           {}}};
      inference.likelihood = std::make_shared<Bernoulli>(at::full({1, 64, 1, 1, 1}, 0.3));
      const auto terms = loss->evaluate(inference, {batch, draw, {}, 12'000, "train"});
      mean += number(terms.recorded[1].value) / 300;
    }
    CHECK(mean == Approx(recorded).margin(0.12));
  }
}

TEST_CASE("with equal weights the three parts add up to the evidence lower bound") {
  IndependentGaussian one(7, 3);
  const auto& z = one.inference.blocks[0];
  const double kl = number((z.posterior->log_prob(z.value) - z.prior->log_prob(z.value)).mean());
  const double distortion = number(reconstruction(one.inference));
  for (const auto* sampling : {"stratified", "weighted"}) {
    const auto value = [&](const std::string& weights) {
      return number(
          one.evaluate(*make(", sampling: " + std::string(sampling) + weights)).objective);
    };
    CHECK(value(", beta: 1") == Approx(distortion + kl).epsilon(1e-4));
    CHECK(value(", alpha: 2, beta: 2, gamma: 2") == Approx(distortion + 2 * kl).epsilon(1e-4));
    const auto recorded = one.evaluate(*make(", sampling: " + std::string(sampling))).recorded;
    CHECK(value(", alpha: 3, beta: 5, gamma: 7") ==
          Approx(distortion + 3 * number(recorded[0].value) + 5 * number(recorded[1].value) +
                 7 * number(recorded[2].value))
              .epsilon(1e-4));
  }
}

TEST_CASE("the loss refuses codes whose aggregate posterior it cannot tell") {
  const auto refused = [](const std::string& model) {
    try {
      Run run("data: {use: synthetic, size: 28}\nmodel: {use: " + model +
              "}\nloss: {use: beta_tcvae}\noptimizer: {use: adam}\ntrain: {epochs: 1}\n");
    } catch (const ConfigError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(refused("mlp_vae").empty());
  CHECK(refused("conditional_vae").empty());
  CHECK(refused("joint_vae").find("'c' is categorical") != std::string::npos);
}

TEST_CASE("a higher weight of the total correlation lowers it") {
  const auto total_correlation = [](const std::string& beta) {
    Run run(
        "data: {use: synthetic, size: 28, count: 600, batch: 60}\n"
        "model: {use: mlp_vae, hidden: [32], latent: 4}\nloss: {use: beta_tcvae, beta: " +
        beta + "}\noptimizer: {use: adam, lr: 3e-3}\ntrain: {epochs: 1000}\n");
    double last = 0;
    for (std::int64_t step = 0; step < 300; ++step) last = run.step(step).at("total_correlation");
    return last;
  };
  CHECK(total_correlation("20") < total_correlation("1") - 0.1);
}

namespace {

std::map<std::string, double> kl_parts(Run& run, const Split& split, const std::string& options) {
  const auto config =
      training::configure(registry(), "metric", yaml("{use: kl_parts" + options + "}"));
  auto metric = training::make<Metric>(config, run.components.build);
  Draw draw(3);
  const at::NoGradGuard no_grad;
  std::map<std::string, double> values;
  for (const auto& [name, value] :
       metric->result({*run.components.model, run.components.data->splits.train, split, draw, {}}))
    values[name] = number(value);
  return values;
}

}  // namespace

TEST_CASE("the metric kl_parts is the decomposition with every image of the split in q(z)") {
  Run run(
      "data: {use: synthetic, size: 28, test_count: 40}\n"
      "model: {use: mlp_vae, hidden: [12], latent: 3}\nloss: {use: elbo}\n"
      "optimizer: {use: adam}\ntrain: {epochs: 1}\n");
  const auto& split = *run.components.data->splits.test;
  const at::NoGradGuard no_grad;
  // Posteriors that differ: those of a model before its training are all near N(0, I).
  for (auto& parameter : run.components.model->parameters()) parameter.mul_(4);
  const auto values = kl_parts(run, split, "");
  // The same by brute force, from the same draws.
  Draw draw(3);
  const auto batch = split.slice(0, 40, draw);
  const auto z = run.components.model->encode(batch, draw)[0];
  const auto& q = static_cast<const Normal&>(*z.posterior);
  double joint = 0, product = 0;
  std::vector<double> joints;
  for (std::int64_t i = 0; i < 40; ++i) {
    const auto each = (-0.5 * ((z.value[0][i] - q.mean()[0]).square() / q.variance()[0] +
                               q.log_var()[0] + std::log(2 * M_PI)))
                          .to(at::kDouble);  // [40, 3]
    joints.push_back(std::log(number(each.sum(-1).exp().mean())));
    joint += joints.back() / 40;
    product += number(each.exp().mean(0).log().sum()) / 40;
  }
  const double own = number(z.posterior->log_prob(z.value).mean());
  const double prior = number(z.prior->log_prob(z.value).mean());
  CHECK(values.at("kl_parts_mutual_information") == Approx(own - joint).margin(1e-4));
  CHECK(values.at("kl_parts_total_correlation") == Approx(joint - product).margin(1e-4));
  CHECK(values.at("kl_parts_dimension_wise") == Approx(product - prior).margin(1e-4));
  // Of draws and posteriors whose dimensions are shuffled, each in an order of its own.
  const auto value = z.value[0].to(at::kDouble), mean = q.mean()[0].to(at::kDouble),
             variance = q.variance()[0].to(at::kDouble);
  std::vector<Tensor> orders;
  for (int d = 0; d < 3; ++d) orders.push_back(draw.permutation(40));
  double shuffled_joint = 0;
  for (std::int64_t i = 0; i < 40; ++i) {
    double density = 0;
    for (std::int64_t j = 0; j < 40; ++j) {
      double log_density = 0;
      for (std::int64_t d = 0; d < 3; ++d) {
        const auto& order = orders[static_cast<std::size_t>(d)];
        const auto at_i = order[i].item<std::int64_t>(), at_j = order[j].item<std::int64_t>();
        const double s2 = number(variance[at_j][d]);
        log_density -= 0.5 * (std::pow(number(value[at_i][d] - mean[at_j][d]), 2) / s2 +
                              std::log(2 * M_PI * s2));
      }
      density += std::exp(log_density) / 40;
    }
    shuffled_joint += std::log(density) / 40;
  }
  // The marginals are the same.
  CHECK(values.at("kl_parts_independent_total_correlation") ==
        Approx(shuffled_joint - product).margin(1e-4));
  // Otherwise the check above would take the one for the other.
  CHECK(std::abs(shuffled_joint - joint) > 2e-3);
  const auto c = at::corrcoef(z.value[0].t().to(at::kDouble));
  CHECK(values.at("kl_parts_gaussian_total_correlation") ==
        Approx(-0.5 * number(at::logdet(c))).margin(1e-4));
  // Fewer draws are those of random images.
  const auto one = random_places(40, 1, "draws of metric kl_parts").item<std::int64_t>();
  CHECK(
      kl_parts(run, split, ", draws: 1").at("kl_parts_mutual_information") ==
      Approx(number(z.posterior->log_prob(z.value)[0][one]) - joints[static_cast<std::size_t>(one)])
          .margin(1e-4));
}
