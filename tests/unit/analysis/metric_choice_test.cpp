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
  CHECK_NOTHROW(require_scalar_metric(*made, "test/elbo"));
  CHECK_THROWS_AS(require_scalar_metric(*made, "test/elbow"), ConfigError);
  CHECK_THROWS_AS(require_scalar_metric(*made, "elbo"), ConfigError);
}
