#include <ATen/Functions.h>

#include <cmath>
#include <vector>

#include "support/catch.hpp"
#include "unit/math/support.hpp"
#include "unit/training/support.hpp"
#include "varia/error.hpp"
#include "varia/evidence.hpp"
#include "varia/metric.hpp"

// The one model whose evidence, posterior and bounds are known exactly.

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

struct Known {
  explicit Known(const std::string& model)
      : run("data: {use: synthetic, count: 10, test_count: 50, size: 4}\n"
            "model: {use: linear_gaussian" +
            model +
            "}\n"
            "loss: {use: elbo}\noptimizer: {use: adam}\ntrain: {epochs: 1}\n"),
        split(*run.components.data->splits.test) {
    Draw draw(0);
    batch = split.slice(0, split.size(), draw);
    truth = linear_gaussian_log_evidence(batch.input);
  }

  Inference infer(std::int64_t samples, std::uint64_t key = 1) {
    Draw draw(key, samples);
    return run.components.model->infer(batch, draw);
  }

  /// [B] ln (1/K) sum of weights, K = samples.
  Tensor log_mean_weight(std::int64_t samples, std::uint64_t key) {
    return at::logsumexp(infer(samples, key).log_weight(), 0) -
           std::log(static_cast<double>(samples));
  }

  Values measured(const std::string& options, std::uint64_t key = 1) {
    const auto config =
        training::configure(registry(), "metric", yaml("{use: nll" + options + "}"));
    auto metric = training::make<Metric>(config, run.components.build);
    Draw draw(key);
    const Evaluation evaluation{
        *run.components.model, run.components.data->splits.train, split, draw, {}};
    metric->begin(evaluation);
    return metric->result(evaluation);
  }

  std::pair<double, double> nll(const std::string& options, std::uint64_t key = 1) {
    const auto values = measured(options, key);
    return {number(values.at("nll")), number(values.at("nll_standard_error"))};
  }

  Run run;
  const Split& split;
  Batch batch;
  Tensor truth;  // [B] ln p(x)
};

}  // namespace

TEST_CASE("with the exact posterior every draw's weight is ln p(x)") {
  Known known("");
  const auto weights = known.infer(7).log_weight();
  REQUIRE(weights.sizes() == at::IntArrayRef({7, 50}));
  CHECK(close(weights, known.truth.expand({7, 50}), 1e-6));
}

TEST_CASE("the evidence lower bound is ln p(x) with the exact posterior, and less with another") {
  const auto bound = [](Known& known) {
    const auto inference = known.infer(8'000);
    return inference.log_likelihood().mean(0) - inference.kl_per_sample(0);
  };
  Known exact("");
  CHECK(number(bound(exact).mean()) == Approx(number(exact.truth.mean())).epsilon(1e-3));
  for (const auto* model : {", shift: 0.3", ", widen: 1", ", widen: -1"}) {
    Known other(model);
    const auto gap = other.truth - bound(other);
    CHECK(number(gap.min()) > 0);
    // The gap is KL(q || exact posterior), dimension by dimension.
    const auto q = other.infer(1).blocks[0].posterior;
    const auto p = exact.infer(1).blocks[0].posterior;
    CHECK(number(gap.mean()) == Approx(number(q->kl_to(*p).sum(-1).mean())).epsilon(0.05));
  }
}

TEST_CASE("the metric nll is exact with the exact posterior, and so is its standard error") {
  Known known("");
  const double deviation =
      std::sqrt(number((known.truth - known.truth.mean()).square().sum()) / 49);
  for (const auto* options : {", samples: 1", ", samples: 30", ", samples: 7000"}) {
    const auto [nll, error] = known.nll(options);
    CHECK(nll == Approx(-number(known.truth.mean())).epsilon(1e-6));
    CHECK(error == Approx(deviation / std::sqrt(50.0)).epsilon(1e-5));
  }
  CHECK(std::isnan(known.nll(", images: 1").second));
}

TEST_CASE("the metric nll takes a random subset of the images, the same whatever is drawn") {
  Known known("");
  const auto places = [&](const std::string& options, std::uint64_t key) {
    // With the exact posterior every value tells which image it is of.
    const auto values = known.measured(options, key).at("nll_per_image");
    const auto distance = (values.unsqueeze(1) + known.truth).abs();
    CHECK(number(std::get<0>(distance.min(1)).max()) < 1e-4);
    CHECK(number(known.measured(options, key).at("nll")) == Approx(number(values.mean())));
    return distance.argmin(1);
  };
  const auto some = places(", images: 20", 1);
  REQUIRE(some.size(0) == 20);
  CHECK(some.diff().gt(0).all().item<bool>());
  CHECK(number(some[19]) > 25);
  CHECK(some.equal(places(", images: 20, samples: 7", 2)));
  for (const auto* all : {"", ", images: 50"}) CHECK(places(all, 1).equal(at::arange(50)));
}

TEST_CASE("bounds of fewer draws and of other orders are those of groups of the draws") {
  Known known(", shift: 0.2, widen: 0.5");
  const auto values = known.measured(", samples: 11, bounds: [1, 5], renyi: [0, 0.5, 1, -2]");
  Draw draw(1);
  const auto batch = known.split.slice(0, 50, draw);
  const auto weights = log_weights(*known.run.components.model, batch, 11, draw);  // [11, 50]
  /// ln of the mean of w^(1 - alpha) over draws [from, from + count), averaged over images.
  const auto bound = [&](std::int64_t from, std::int64_t count, double alpha) {
    const auto part = weights.slice(0, from, from + count);
    if (alpha == 1) return number(part.mean());
    return number(((1 - alpha) * part).exp().mean(0).log().mean()) / (1 - alpha);
  };
  CHECK(number(values.at("nll")) == Approx(-bound(0, 11, 0)));
  CHECK(number(values.at("nll_k1")) == Approx(-number(weights.mean())));
  const double of_five = (bound(0, 5, 0) + bound(5, 5, 0)) / 2;
  CHECK(number(values.at("nll_k5")) == Approx(-of_five));
  CHECK(number(values.at("nll_gap")) == Approx(bound(0, 11, 0) - of_five));
  CHECK(number(values.at("nll_renyi_0")) == Approx(-bound(0, 11, 0)));
  CHECK(number(values.at("nll_renyi_1")) == Approx(-number(weights.mean())));
  CHECK(number(values.at("nll_renyi_0.5")) == Approx(-bound(0, 11, 0.5)));
  CHECK(number(values.at("nll_renyi_0.5_k5")) ==
        Approx(-(bound(0, 5, 0.5) + bound(5, 5, 0.5)) / 2));
  CHECK(number(values.at("nll_renyi_-2_k1")) == Approx(-number(weights.mean())));
  CHECK(number(values.at("nll_bits_per_dimension")) ==
        Approx(number(values.at("nll")) / 16 / std::log(2.0)));
  CHECK_FALSE(known.measured(", samples: 1").contains("nll_gap"));
  CHECK_THROWS_AS(known.measured(", samples: 4, bounds: [5]"), ConfigError);
}

TEST_CASE("Renyi bounds are the integrals over posterior and approximation") {
  Known exact(""), other(", shift: 0.2, widen: 0.5");
  const auto p = exact.infer(1).blocks[0].posterior;
  const auto q = other.infer(1).blocks[0].posterior;
  const auto points = grid(-8, 8, 4'001).view({-1, 1, 1});
  const auto log_p = p->log_density(points).to(at::kDouble);  // [points, B, D]
  const auto log_q = q->log_density(points).to(at::kDouble);
  for (const auto& [name, alpha] : {std::pair{"-1", -1.0}, {"0.5", 0.5}, {"1.2", 1.2}}) {
    INFO("alpha " << name);
    const auto mass = ((1 - alpha) * log_p + alpha * log_q).exp().sum(0) * (16.0 / 4'000);
    const double truth = number(other.truth.mean() + mass.log().sum(-1).mean() / (1 - alpha));
    const auto values = other.measured(", samples: 6400, renyi: [" + std::string(name) + "]");
    CHECK(number(values.at("nll_renyi_" + std::string(name))) == Approx(-truth).margin(0.005));
  }
}

TEST_CASE("the metric nll says how far its draws leave it in doubt") {
  Known known(", shift: 0.2, widen: 0.5");
  std::vector<double> estimates;
  double said = 0;
  for (std::uint64_t key = 1; key <= 200; ++key) {
    const auto values = known.measured(", samples: 100", key);
    estimates.push_back(number(values.at("nll")));
    said += std::pow(number(values.at("nll_monte_carlo_error")), 2) / 200;
  }
  CHECK(number(doubles(estimates).std()) == Approx(std::sqrt(said)).epsilon(0.15));
  // Exact weights leave none, and every draw counts.
  const auto sure = Known("").measured(", samples: 100");
  CHECK(number(sure.at("nll_monte_carlo_error")) < 1e-6);
  CHECK(number(sure.at("nll_gap")) == Approx(0).margin(1e-5));
  CHECK(number(sure.at("nll_effective_samples")) == Approx(100));
  // (1 + 2 + 3)^2 / (1 + 4 + 9), and a weight of nothing.
  const auto weights = doubles({1, 2, 3, 1, 0, 0}).view({2, 3}).t().log();
  CHECK(close(evidence_of(weights).effective_samples, doubles({36.0 / 14, 1})));
}

TEST_CASE("the metric nll comes to the truth from above as its samples grow") {
  Known known(", shift: 0.2, widen: 0.5");
  const double truth = -number(known.truth.mean());
  const auto mean_error = [&](const char* options) {
    double sum = 0;
    for (std::uint64_t key = 1; key <= 10; ++key) sum += known.nll(options, key).first - truth;
    return sum / 10;
  };
  const double few = mean_error(", samples: 2");
  const double some = mean_error(", samples: 50");
  CHECK(few > some);
  CHECK(some > 0);
  CHECK(std::abs(mean_error(", samples: 6500")) < 0.002);
}

TEST_CASE("the evidence of each sample has the error that it says") {
  Known exact("");
  Draw draw(1);
  const auto sure = estimate_evidence(*exact.run.components.model, exact.batch, 20, draw);
  CHECK(close(sure.log_evidence, exact.truth, 1e-6));
  CHECK(number(sure.standard_error.max()) < 1e-6);

  Known other(", shift: 0.2, widen: 0.5");
  std::vector<Tensor> estimates, errors;
  for (int i = 0; i < 200; ++i) {
    const auto evidence = estimate_evidence(*other.run.components.model, other.batch, 500, draw);
    estimates.push_back(evidence.log_evidence);
    errors.push_back(evidence.standard_error);
  }
  const auto all = at::stack(estimates);  // [200, B]
  const auto said = at::stack(errors).square().mean(0).sqrt();
  CHECK(close(all.std(0) / said, at::ones_like(said), 0.25));
  CHECK(number((all.mean(0) - other.truth).abs().max()) < 4 * number(said.max()) / std::sqrt(200));
  const auto one = estimate_evidence(*other.run.components.model, other.batch, 1, draw);
  CHECK(one.standard_error.isnan().all().item<bool>());
}

TEST_CASE("the importance-weighted bound rises with the number of samples, below ln p(x)") {
  Known known(", shift: 0.3, widen: 1");
  double last = -1e9;
  for (const std::int64_t samples : {1, 2, 5, 20, 200}) {
    double mean = 0;
    for (std::uint64_t key = 1; key <= 400; ++key)
      mean += number(known.log_mean_weight(samples, key).mean()) / 400;
    CHECK(mean > last);
    CHECK(mean < number(known.truth.mean()) + 1e-3);
    last = mean;
  }
}
