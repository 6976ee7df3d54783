#include <ATen/Functions.h>

#include <cmath>

#include "support/catch.hpp"
#include "unit/math/support.hpp"
#include "unit/training/support.hpp"
#include "varia/likelihood.hpp"

// `learned: optimal` of gaussian and laplace: fitted in training, fixed in evaluation.

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

/// A likelihood of rows of so many real numbers.
std::shared_ptr<Likelihood> optimal(const std::string& family, std::int64_t size,
                                    const std::string& options = "") {
  Build build;
  build.data.event = {size};
  build.data.blocks = {{Domain::real, size}};
  const auto text = "{use: " + family + ", learned: optimal" + options + "}";
  return training::make<Likelihood>(training::configure(registry(), "likelihood", yaml(text)),
                                    build);
}

/// Numbers as one sample of one event, [1, 1, D].
Tensor row(const std::vector<double>& numbers) { return doubles(numbers).view({1, 1, -1}); }

/// Shows a likelihood a training batch of two numbers with this error.
void train_on(const Likelihood& likelihood, double error) {
  likelihood.distribution(row({0, 0}))->log_prob(row({error, -error}));
}

/// The log-density of an error under a family with this scale.
double log_density(const std::string& family, double error, double scale) {
  if (family == "laplace") return -std::abs(error) / scale - std::log(2 * scale);
  return -0.5 * std::pow(error / scale, 2) - std::log(scale) - 0.5 * std::log(2 * M_PI);
}

}  // namespace

TEST_CASE("the optimal scale is that of the highest likelihood for a training batch") {
  const auto value = row({2, 0, 1, 3});
  const auto output = row({1, 0.5, 1, 2});
  const double square = (1 + 0.25 + 0 + 1) / 4;
  const auto gaussian = optimal("gaussian", 4);
  const auto made = gaussian->distribution(output);
  CHECK(number(made->log_prob(value)) == Approx(-2 * (std::log(2 * M_PI * square) + 1)));
  CHECK(close(made->variance(), at::full({1, 1, 4}, square, at::kDouble), 1e-6));
  const double distance = (1 + 0.5 + 0 + 1) / 4;
  const auto laplace = optimal("laplace", 4);
  CHECK(number(laplace->distribution(output)->log_prob(value)) ==
        Approx(-4 * (std::log(2 * distance) + 1)));
  const auto log_prob = [&](const Tensor& x) {
    return gaussian->distribution(x)->log_prob(value).sum();
  };
  CHECK(gradient_error(log_prob, output) < 1e-5);
}

TEST_CASE("in evaluation a batch has the sum of the log-likelihoods of its images one by one") {
  const auto family = GENERATE(as<std::string>(), "gaussian", "laplace");
  const auto likelihood = optimal(family, 3);
  train_on(*likelihood, 0.5);
  likelihood->eval();
  constexpr std::int64_t kDraws = 4, kImages = 5;
  Draw draw(1);
  const auto output = draw.normal({kDraws, kImages, 3}), value = draw.normal({1, kImages, 3});
  const auto mask = draw.uniform({kImages, 3}).gt(0.4);
  const auto together = likelihood->distribution(output)->log_prob(value);
  const auto observed = likelihood->distribution(output)->log_prob_of_observed(value, mask);
  REQUIRE(together.sizes() == at::IntArrayRef({kDraws, kImages}));
  for (std::int64_t k = 0; k < kDraws; ++k)
    for (std::int64_t b = 0; b < kImages; ++b) {
      double all = 0, of_observed = 0;
      for (std::int64_t d = 0; d < 3; ++d) {
        const double one =
            log_density(family, number(value[0][b][d]) - number(output[k][b][d]), 0.5);
        all += one;
        of_observed += mask[b][d].item<bool>() ? one : 0;
      }
      CHECK(number(together[k][b]) == Approx(all).epsilon(1e-5));
      CHECK(number(observed[k][b]) == Approx(of_observed).epsilon(1e-5).margin(1e-5));
      // Alone, and with one of the K draws: the same.
      const auto alone = likelihood->distribution(output.narrow(0, k, 1).narrow(1, b, 1))
                             ->log_prob(value.narrow(1, b, 1));
      CHECK(number(alone) == Approx(number(together[k][b])).epsilon(1e-6));
    }
}

TEST_CASE("evaluations take the running mean of the training batches' log-scales") {
  const auto likelihood = optimal("gaussian", 2, ", scale: 3");
  const auto scale = [&] {
    likelihood->eval();
    const double found =
        std::sqrt(number(likelihood->distribution(row({0, 0}))->variance().select(-1, 0)));
    likelihood->train();
    return found;
  };
  CHECK(scale() == Approx(3));
  // The given scale is no batch's, and counts for nothing from the first batch on.
  train_on(*likelihood, 0.5);
  CHECK(scale() == Approx(0.5));
  double truth = std::log(0.5);
  for (const double error : {0.25, 2.0, 1.0}) {
    train_on(*likelihood, error);
    truth = 0.95 * truth + 0.05 * std::log(error);
    CHECK(scale() == Approx(std::exp(truth)).epsilon(1e-5));
  }
  for (int batch = 0; batch < 300; ++batch) train_on(*likelihood, 0.1);
  CHECK(scale() == Approx(0.1).epsilon(1e-4));
}

TEST_CASE("an optimal scale is that of what was observed, and evaluation does not change it") {
  const auto likelihood = optimal("gaussian", 2);
  auto mask = at::ones({1, 2}, at::kBool);
  mask[0][1] = false;
  const auto log_prob = [&](double value) {
    return number(
        likelihood->distribution(row({1, 100}))->log_prob_of_observed(row({value, 0}), mask));
  };
  CHECK(log_prob(3) == Approx(log_density("gaussian", 2, 2)));
  likelihood->eval();
  const auto before = likelihood->buffers().front().clone();
  CHECK(number(before) == Approx(std::log(2)));
  CHECK(log_prob(6) == Approx(log_density("gaussian", 5, 2)));
  CHECK(at::equal(likelihood->buffers().front(), before));
}

TEST_CASE(
    "a batch of which nothing was observed leaves an optimal scale and gradients as they are") {
  const auto likelihood = optimal("gaussian", 2);
  const auto output = row({1, 100}).set_requires_grad(true);
  const auto made = likelihood->distribution(output);
  const auto log_prob = made->log_prob_of_observed(row({0, 0}), at::zeros({1, 2}, at::kBool));
  log_prob.sum().backward();
  CHECK(number(log_prob) == 0);
  CHECK(at::equal(output.grad(), at::zeros_like(output)));
  CHECK(close(made->variance(), at::ones({1, 1, 2}, at::kDouble)));
}
