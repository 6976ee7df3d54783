#include <ATen/Functions.h>

#include <cmath>

#include "support/catch.hpp"
#include "training/built_in_metrics.hpp"
#include "unit/math/support.hpp"
#include "varia/distributions.hpp"
#include "varia/error.hpp"

using namespace varia;
using namespace varia::test;
using namespace varia::training;
using Catch::Approx;

namespace {

/// Variances of the columns in two passes.
std::vector<double> two_pass_variance(const Tensor& rows) {
  const auto values = rows.to(at::kDouble).contiguous();
  const auto n = values.size(0);
  std::vector<double> variances;
  for (std::int64_t d = 0; d < values.size(1); ++d) {
    long double mean = 0;
    for (std::int64_t i = 0; i < n; ++i) mean += values[i][d].item<double>();
    mean /= n;
    long double squares = 0;
    for (std::int64_t i = 0; i < n; ++i)
      squares += std::pow(values[i][d].item<double>() - mean, 2.0L);
    variances.push_back(static_cast<double>(squares / n));
  }
  return variances;
}

/// An inference whose posterior has the given means [B, D].
Inference with_means(const Tensor& means) {
  const auto images = at::zeros({means.size(0), 1, 2, 2});
  Inference inference({.input = images, .target = images});
  const auto mean = means.unsqueeze(0);
  inference.blocks = {{"z",
                       std::make_shared<Normal>(mean, at::full_like(mean, -1)),
                       Normal::unit({means.size(1)}, torch::kCPU),
                       mean,
                       {}}};
  return inference;
}

}  // namespace

TEST_CASE("a running mean weighs batches by their images") {
  RunningMean loss;
  loss.add(1, 128);
  loss.add(1, 128);
  loss.add(9, 44);
  CHECK(loss.mean() == Approx((256.0 + 9 * 44) / 300));
  RunningMean kl;
  kl.add(-2, 3);
  CHECK(kl.mean() == -2);
}

TEST_CASE("a running variance equals that of two passes, in unequal parts and far from zero") {
  for (const double offset : {0.0, 1e6}) {
    Draw draw(1);
    const auto rows = draw.normal({211, 3}).to(at::kDouble) + offset;
    RunningVariance running;
    CHECK_FALSE(running.variance().defined());
    std::int64_t begin = 0;
    for (const std::int64_t end : {1, 100, 101, 180, 211}) {
      running.add(rows.slice(0, begin, end));
      begin = end;
    }
    const auto truth = two_pass_variance(rows);
    for (std::int64_t d = 0; d < 3; ++d)
      CHECK(running.variance()[d].item<double>() ==
            Approx(truth[static_cast<std::size_t>(d)]).epsilon(1e-9));
    CHECK(close(running.mean(), rows.mean(0), 1e-12));
  }
}

TEST_CASE("active units are the dimensions whose posterior mean varies over all images") {
  Draw draw(2);
  // Deviations on both sides of 0.1, the root of the threshold, and one dimension that is constant
  // within each batch but not over all of them.
  const auto deviations = doubles({0, 0.05, 0.09, 0.11, 0.5, 2});
  const auto rows = (draw.normal({1000, 6}).to(at::kDouble) * deviations + 3).to(at::kFloat);
  rows.slice(0, 0, 400).select(1, 0).fill_(-1);
  rows.slice(0, 400, 1000).select(1, 0).fill_(1);
  LatentMetrics records;
  std::int64_t begin = 0;
  for (const std::int64_t end : {400, 401, 790, 1000}) {
    records.add(with_means(rows.slice(0, begin, end)));
    begin = end;
  }
  double active = 0;
  for (const double variance : two_pass_variance(rows)) active += variance > 0.01;
  REQUIRE(active == 4);
  CHECK(records.values().at("active_units_z").values.front() == active);
}

TEST_CASE("categories that are decided, and all in use, are active however many there are") {
  // Var(q(c | x)) is (1/K)(1 - 1/K) of each, which is below 0.01 from K = 100.
  constexpr std::int64_t kCategories = 128;
  const auto active = [](double decided) {
    const auto images = at::zeros({kCategories, 1, 2, 2});
    Inference inference({.input = images, .target = images});
    inference.blocks = {{"c",
                         std::make_shared<Categorical>(decided * at::eye(kCategories).unsqueeze(0)),
                         Categorical::uniform(kCategories, torch::kCPU),
                         at::eye(kCategories).unsqueeze(0),
                         {}}};
    LatentMetrics records;
    records.add(inference);
    return records.values().at("active_units_c").values.front();
  };
  CHECK(active(50) == kCategories);
  CHECK(active(0) == 0);
}

TEST_CASE("a unit is active in units of the variance of a prior that all images share") {
  const auto rows = Draw(5).normal({1000, 1});  // variance 1
  const auto active = [&](const Tensor& log_var) {
    const auto images = at::zeros({1000, 1, 2, 2});
    Inference inference({.input = images, .target = images});
    const auto mean = rows.unsqueeze(0);
    inference.blocks = {{"z",
                         std::make_shared<Normal>(mean, at::zeros_like(mean)),
                         std::make_shared<Normal>(at::zeros_like(log_var), log_var),
                         mean,
                         {}}};
    LatentMetrics records;
    records.add(inference);
    return records.values().at("active_units_z").values.front();
  };
  CHECK(active(at::full({1, 1, 1}, std::log(50.0))) == 1);
  CHECK(active(at::full({1, 1, 1}, std::log(200.0))) == 0);
  // One of each image has no variance in common: the threshold stands as it is.
  CHECK(active(at::full({1, 1000, 1}, std::log(200.0))) == 1);
}

TEST_CASE("no unit is active where every image has the same posterior mean") {
  LatentMetrics records;
  records.add(with_means(at::full({50, 4}, 7.0)));
  CHECK(records.values().at("active_units_z").values.front() == 0);
}

TEST_CASE("the KL divergence of a dimension is averaged over images, not over batches") {
  Draw draw(3);
  const auto rows = draw.normal({300, 2});
  LatentMetrics records;
  records.add(with_means(rows.slice(0, 0, 290)));
  records.add(with_means(rows.slice(0, 290, 300)));
  const auto truth =
      kl_to_unit_normal(rows.to(at::kDouble), at::full({300, 2}, -1.0, at::kDouble)).mean(0);
  const auto found = records.values().at("kl_per_dim_z");
  REQUIRE(found.shape == std::vector<std::int64_t>{2});
  CHECK(found.values[0] == Approx(truth[0].item<double>()).epsilon(1e-5));
  CHECK(found.values[1] == Approx(truth[1].item<double>()).epsilon(1e-5));
}

TEST_CASE("the standard scalars add up, and are NaN where the model has no such part") {
  Draw draw(4);
  auto inference = with_means(draw.normal({5, 3}));
  const auto scalar = [&](const char* name) {
    const BatchTerms terms(inference, {at::full({}, 2.0), {{"extra", at::ones({})}}});
    return BatchTerms::read({&terms, 1}).front().at(name);
  };
  CHECK(std::isnan(scalar("reconstruction")));
  CHECK(std::isnan(scalar("elbo")));
  CHECK(scalar("loss") == 2);
  CHECK(scalar("extra") == 1);
  CHECK(scalar("kl") ==
        Approx(number(kl_to_unit_normal(inference.blocks[0].posterior->mean(), at::full({1}, -1))
                          .sum(-1)
                          .mean())));
  inference.likelihood = std::make_shared<Bernoulli>(at::zeros({1, 5, 1, 2, 2}));
  CHECK(scalar("reconstruction") == Approx(4 * std::log(2.0)));
  CHECK(scalar("elbo") == Approx(-scalar("reconstruction") - scalar("kl_z")));
  const BatchTerms terms(inference, {at::zeros({}), {}});
  const auto finite = BatchTerms::read({&terms, 1}).front();
  CHECK(terms.not_finite(finite) == nullptr);
}

TEST_CASE("a term takes the place of no other value") {
  const auto inference = with_means(at::zeros({4, 3}));
  const auto problems = [&](const std::vector<std::string>& names) {
    Terms terms{at::zeros({}), {}};
    for (const auto& name : names) terms.recorded.push_back({name, at::zeros({})});
    return term_problems(inference, terms);
  };
  CHECK(problems({}).empty());
  CHECK(problems({"kl_zz", "kl_", "kl_per_dim", "active_units_", "capacity_z"}).empty());
  // Whatever is recorded: of BatchTerms, and of LatentMetrics.
  const BatchTerms none(inference, {at::zeros({}), {}});
  LatentMetrics latents;
  latents.add(inference);
  const auto recorded = BatchTerms::read({&none, 1}).front();
  for (const auto& [name, value] : recorded) CHECK(problems({name}).size() == 1);
  for (const auto& [name, value] : latents.values()) CHECK(problems({name}).size() == 1);
  CHECK(problems({"a", "b", "a", "a/b", "kl_z"}).size() == 3);
  CHECK_THROWS_AS(BatchTerms(inference, {at::zeros({}), {{"kl_z", at::zeros({})}}}), Error);
}

TEST_CASE("terms that are recorded leave an inference its gradients") {
  const auto means = at::zeros({4, 3}).set_requires_grad(true);
  auto inference = with_means(means);
  const auto logits = at::zeros({1, 4, 1, 2, 2}).set_requires_grad(true);
  inference.likelihood = std::make_shared<Bernoulli>(logits);
  const BatchTerms terms(inference, {at::zeros({}), {}});
  CHECK(inference.log_likelihood().requires_grad());
  CHECK(inference.kl(0).requires_grad());
}
