#include "analysis/metric_choice.hpp"

#include "support/catch.hpp"
#include "unit/analysis/results_maker.hpp"

using namespace varia;
using namespace varia::analysis;

TEST_CASE("the default metric is the test ELBO, else the test loss") {
  const MadeResults with({{{}, 0, {{"test/elbo", -1}, {"test/loss", 1}}}});
  CHECK(default_metric(*with) == "test/elbo");
  const MadeResults without({{{}, 0, {{"test/elbo", results::kNaN}, {"test/loss", 1}}}});
  CHECK(default_metric(*without) == "test/loss");
  const MadeResults training({{{}, 0, {}}});
  CHECK(default_metric(*training) == "train/loss");
}

TEST_CASE("the validation metric of the same name is found where it has values") {
  const MadeResults made(
      {{{}, 0, {{"test/elbo", -1}, {"validation/elbo", -2}, {"validation/kl", results::kNaN}}}});
  CHECK(validation_metric(*made, "test/elbo") == "validation/elbo");
  CHECK_FALSE(validation_metric(*made, "test/kl").has_value());
}

TEST_CASE("a metric that is not there or not a number is refused with the nearest one") {
  const MadeResults made({{{}, 0, {{"test/elbo", -1}}}});
  CHECK(scalar_metric(*made, "test/elbo").name == "test/elbo");
  CHECK_THROWS_AS(scalar_metric(*made, "test/elbow"), ConfigError);
  CHECK_THROWS_AS(scalar_metric(*made, "elbo"), ConfigError);
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
    const auto& metric = scalar_metric(*made, name);
    CHECK(metric.info.better == better);
    if (better != n) CHECK(order_of(*made, metric, n) == better);
    CHECK(order_of(*made, metric, Better::lower) == Better::lower);
  }
  CHECK_THROWS_WITH(order_of(*made, scalar_metric(*made, "test/elbow_angle"), n),
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
  CHECK(scalar_metric(*made, "test/ssim").info.better == Better::neither);
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
