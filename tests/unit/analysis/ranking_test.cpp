#include "analysis/ranking.hpp"

#include <algorithm>
#include <random>

#include "support/catch.hpp"
#include "unit/analysis/results_maker.hpp"

using namespace varia;
using namespace varia::analysis;

namespace {

using Texts = std::vector<std::string>;
const std::string kBernoulli = "bernoulli", kGaussian = "gaussian", kMnist = "mnist";

MadeTrial trial(const std::map<std::string, std::variant<double, std::string>>& swept) {
  return {swept, 0, {{"test/elbo", -100}, {"test/loss", 100}, {"test/knn_accuracy", 0.9}}};
}

bool dominates(double ax, double ay, double bx, double by) {
  return ax <= bx && ay <= by && (ax < bx || ay < by);
}

}  // namespace

TEST_CASE("the default metric is the test ELBO, else the test loss") {
  const MadeResults with({{{}, 0, {{"test/elbo", -1}, {"test/loss", 1}}}});
  CHECK(default_metric(*with) == "test/elbo");
  const MadeResults without({{{}, 0, {{"test/elbo", results::kNaN}, {"test/loss", 1}}}});
  CHECK(default_metric(*without) == "test/loss");
  const MadeResults training({{{}, 0, {}}});
  CHECK(default_metric(*training) == "train/loss");
  // Losses of different weights cannot be compared, their ELBOs can.
  const MadeResults bound({{{}, 0, {{"train/elbo", -1}}}});
  CHECK(default_metric(*bound) == "train/elbo");
}

TEST_CASE("the validation metric of the same name is found where it has values") {
  const MadeResults made(
      {{{}, 0, {{"test/elbo", -1}, {"validation/elbo", -2}, {"validation/kl", results::kNaN}}}});
  CHECK(validation_metric(*made, "test/elbo") == "validation/elbo");
  CHECK_FALSE(validation_metric(*made, "test/kl").has_value());
}

TEST_CASE("a metric that is not there or not a number is refused with the nearest one") {
  const MadeResults made({{{}, 0, {{"test/elbo", -1}}}});
  const auto find = [&](const std::string& name) {
    return scalar_metric(*made, name, Better::neither);
  };
  CHECK(find("test/elbo").name == "test/elbo");
  CHECK_THROWS_WITH(find("test/elbow"), Catch::Matchers::ContainsSubstring("'test/elbo'"));
  CHECK_THROWS_AS(find("elbo"), ConfigError);
}

TEST_CASE("a metric of the test split is ranked on the validation split if there is one") {
  const MadeResults both({{{}, 0, {{"test/elbo", -1}, {"validation/elbo", -2}, {"test/kl", 1}}}});
  CHECK(ranking_metric(*both, "test/elbo") == "validation/elbo");
  CHECK(ranking_metric(*both, "test/kl") == "test/kl");
  CHECK(ranking_metric(*both, "train/loss") == "train/loss");
}

TEST_CASE("values rank as the metric declares, whatever its name is") {
  const auto n = Better::neither;
  const std::map<std::string, Better> declared = {{"test/migration_loss", Better::lower},
                                                  {"test/ssim", Better::higher},
                                                  {"test/psnr", Better::higher},
                                                  {"test/auc", Better::higher},
                                                  {"test/f1", Better::higher},
                                                  {"test/elbow_angle", n}};
  std::map<std::string, double> values;
  for (const auto& [name, better] : declared) values[name] = 1;
  const MadeResults made({{.metrics = values, .better = declared}});
  for (const auto& [name, better] : declared) {
    CAPTURE(name);
    CHECK(metric_column(*made, name).info.better == better);
    if (better != n) CHECK(scalar_metric(*made, name, n).info.better == better);
    CHECK(scalar_metric(*made, name, Better::lower).info.better == Better::lower);
  }
  CHECK_THROWS_WITH(scalar_metric(*made, "test/elbow_angle", n),
                    made.path() +
                        ": metric 'test/elbow_angle' does not declare whether higher or "
                        "lower values are better. Say it: --order higher or --order "
                        "lower");
}

TEST_CASE("a metric that trials declare differently asks for an order") {
  const auto declares = [](double beta, Better better) {
    return MadeTrial{.swept = {{"loss.beta", beta}},
                     .metrics = {{"test/ssim", beta}},
                     .better = {{"test/ssim", better}}};
  };
  const MadeResults made({declares(1, Better::higher), declares(2, Better::lower)});
  CHECK(metric_column(*made, "test/ssim").info.better == Better::neither);
}

TEST_CASE("a value that is not a number ranks last") {
  CHECK(ranks_before(1, 2, Better::lower));
  CHECK(ranks_before(2, 1, Better::higher));
  for (const auto better : {Better::lower, Better::higher}) {
    CHECK(ranks_before(1, results::kNaN, better));
    CHECK_FALSE(ranks_before(results::kNaN, 1, better));
    CHECK_FALSE(ranks_before(results::kNaN, results::kNaN, better));
  }
}

TEST_CASE("the Pareto front is what brute force finds, ties included") {
  std::mt19937 engine(7);
  std::uniform_int_distribution<int> value(0, 12);
  for (int round = 0; round < 50; ++round) {
    std::vector<double> x, y;
    for (int i = 0; i < 40; ++i) {
      x.push_back(value(engine));
      y.push_back(value(engine));
    }
    for (const auto better_x : {Better::lower, Better::higher}) {
      for (const auto better_y : {Better::lower, Better::higher}) {
        const double sx = better_x == Better::higher ? -1 : 1;
        const double sy = better_y == Better::higher ? -1 : 1;
        std::vector<std::size_t> expected;
        for (std::size_t i = 0; i < x.size(); ++i) {
          bool is_dominated = false;
          for (std::size_t k = 0; k < x.size(); ++k)
            is_dominated |= dominates(sx * x[k], sy * y[k], sx * x[i], sy * y[i]);
          if (!is_dominated) expected.push_back(i);
        }
        auto front = pareto_front(x, y, better_x, better_y);
        CHECK(std::is_sorted(front.begin(), front.end(),
                             [&](std::size_t a, std::size_t b) { return sx * x[a] < sx * x[b]; }));
        std::sort(front.begin(), front.end());
        CHECK(front == expected);
      }
    }
  }
}

TEST_CASE("points that are not there are not on the front") {
  const std::vector<double> x = {1, results::kNaN, 0};
  const std::vector<double> y = {1, 0, results::kNaN};
  CHECK(pareto_front(x, y, Better::lower, Better::lower) == std::vector<std::size_t>{0});
  CHECK(pareto_front({}, {}, Better::lower, Better::lower).empty());
}

TEST_CASE("different likelihoods are apart in nats, not in accuracy") {
  const MadeResults made({trial({{"model.likelihood.use", kBernoulli}}),
                          trial({{"model.likelihood.use", kGaussian}}),
                          trial({{"model.likelihood.use", kBernoulli}})});
  CHECK(comparable_classes(*made, {"test/elbo"}) == Texts{"model.likelihood.use=bernoulli",
                                                          "model.likelihood.use=gaussian",
                                                          "model.likelihood.use=bernoulli"});
  CHECK(comparable_classes(*made, {"test/knn_accuracy"}) == Texts{"", "", ""});
}

TEST_CASE("different likelihoods are apart in bits, too") {
  const auto coded = [](const std::string& likelihood) {
    return MadeTrial{.swept = {{"model.likelihood.use", likelihood}},
                     .metrics = {{"test/nll_bits_per_dimension", 1.5}},
                     .units = {{"test/nll_bits_per_dimension", "bits"}}};
  };
  const MadeResults made({coded(kBernoulli), coded(kGaussian)});
  CHECK(comparable_classes(*made, {"test/nll_bits_per_dimension"}) ==
        Texts{"model.likelihood.use=bernoulli", "model.likelihood.use=gaussian"});
}

TEST_CASE("different data are apart for every metric, other training images are not") {
  const MadeResults made({trial({{"data.use", kMnist}, {"data.fold", 0.0}}),
                          trial({{"data.use", kMnist}, {"data.fold", 1.0}}),
                          trial({{"data.use", kGaussian}, {"data.fold", 0.0}})});
  const Texts expected = {"data.use=mnist", "data.use=mnist", "data.use=gaussian"};
  CHECK(comparable_classes(*made, {"test/knn_accuracy"}) == expected);
  CHECK(comparable_classes(*made, {"test/elbo"}) == expected);
}

TEST_CASE("losses of different weights are different quantities, ELBOs are not") {
  const MadeResults made({trial({{"loss.beta", 1.0}}), trial({{"loss.beta", 4.0}})});
  CHECK(comparable_classes(*made, {"test/loss"}) == Texts{"loss.beta=1", "loss.beta=4"});
  CHECK(comparable_classes(*made, {"test/elbo"}) == Texts{"", ""});
}

TEST_CASE("ELBOs that bound different quantities are apart, trials that never began are not") {
  auto conditional = trial({{"loss.beta", 1.0}});
  conditional.bound = "log p(x|y)";
  const MadeResults made({trial({{"loss.beta", 1.0}}), conditional});
  const Texts expected = {"bound=log p(x)", "bound=log p(x|y)"};
  CHECK(comparable_classes(*made, {"test/elbo"}) == expected);
  CHECK(comparable_classes(*made, {"test/knn_accuracy"}) == Texts{"", ""});
  CHECK(comparable_classes(*made, {"test/knn_accuracy", "test/loss"}) == expected);

  auto none = trial({{"loss.beta", 4.0}});
  none.metrics.clear();
  const MadeResults failed({trial({{"loss.beta", 1.0}}), none});
  CHECK(comparable_classes(*failed, {"test/elbo"}) == Texts{"", ""});
}
