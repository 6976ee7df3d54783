#include "analysis/comparability.hpp"

#include "support/catch.hpp"
#include "unit/analysis/results_maker.hpp"

using namespace varia;
using namespace varia::analysis;

namespace {

using Texts = std::vector<std::string>;
using Classes = std::vector<std::size_t>;
const std::string kBernoulli = "bernoulli", kGaussian = "gaussian", kMnist = "mnist";

MadeTrial trial(const std::map<std::string, std::variant<double, std::string>>& swept) {
  return {swept, 0, {{"test/elbo", -100}, {"test/loss", 100}, {"test/knn_accuracy", 0.9}}};
}

}  // namespace

TEST_CASE("different likelihoods are apart in nats, not in accuracy") {
  const MadeResults made({trial({{"model.likelihood.use", kBernoulli}}),
                          trial({{"model.likelihood.use", kGaussian}}),
                          trial({{"model.likelihood.use", kBernoulli}})});
  const auto nats = comparability(*made, {"test/elbo"});
  CHECK(nats.class_of == Classes{0, 1, 0});
  CHECK(nats.names == Texts{"model.likelihood.use=bernoulli", "model.likelihood.use=gaussian"});
  const auto accuracy = comparability(*made, {"test/knn_accuracy"});
  CHECK(accuracy.class_of == Classes{0, 0, 0});
  CHECK(accuracy.names == Texts{""});
}

TEST_CASE("different data are apart for every metric, other training images are not") {
  const MadeResults made({trial({{"data.use", kMnist}, {"data.fold", 0.0}}),
                          trial({{"data.use", kMnist}, {"data.fold", 1.0}}),
                          trial({{"data.use", kGaussian}, {"data.fold", 0.0}})});
  CHECK(comparability(*made, {"test/knn_accuracy"}).class_of == Classes{0, 0, 1});
  CHECK(comparability(*made, {"test/elbo"}).class_of == Classes{0, 0, 1});
}

TEST_CASE("losses of different weights are different quantities, ELBOs are not") {
  const MadeResults made({trial({{"loss.beta", 1.0}}), trial({{"loss.beta", 4.0}})});
  CHECK(comparability(*made, {"test/loss"}).names == Texts{"loss.beta=1", "loss.beta=4"});
  CHECK(comparability(*made, {"test/elbo"}).names == Texts{""});
}

TEST_CASE("ELBOs that bound different quantities are apart, trials that never began are not") {
  auto conditional = trial({{"loss.beta", 1.0}});
  conditional.bound = "log p(x|y)";
  const MadeResults made({trial({{"loss.beta", 1.0}}), conditional});
  const auto elbo = comparability(*made, {"test/elbo"});
  CHECK(elbo.names == Texts{"bound=log p(x)", "bound=log p(x|y)"});
  CHECK(comparability(*made, {"test/knn_accuracy"}).names == Texts{""});
  CHECK(comparability(*made, {"test/knn_accuracy", "test/loss"}).names == elbo.names);

  auto none = trial({{"loss.beta", 4.0}});
  none.metrics.clear();
  const MadeResults failed({trial({{"loss.beta", 1.0}}), none});
  CHECK(comparability(*failed, {"test/elbo"}).names == Texts{""});
}
