#include <ATen/Functions.h>

#include <algorithm>

#include "support/catch.hpp"
#include "unit/math/support.hpp"
#include "unit/training/support.hpp"
#include "varia/likelihood.hpp"

using namespace varia;
using namespace varia::test;

namespace {

bool takes(const ComponentInfo& model, const std::string& parameter) {
  const auto params = model.make_params();
  const auto& all = params->parameters();
  return std::any_of(all.begin(), all.end(), [&](const auto* p) { return p->name() == parameter; });
}

}  // namespace

TEST_CASE("a model that starts at the mean image decodes to it on average") {
  for (const auto* model : registry().list("model")) {
    if (!takes(*model, "start_at_mean")) continue;
    for (const auto* likelihood : registry().list("likelihood")) {
      if (!likelihood->serves(Domain::unit)) continue;
      const auto distance_to_mean = [&](const std::string& start_at_mean) {
        Run run(
            "data: {use: synthetic, size: 28}\nloss: {use: elbo}\noptimizer: {use: adam}\n"
            "train: {epochs: 1}\nmodel: {use: " +
            model->name + ", start_at_mean: " + start_at_mean +
            ", likelihood: " + likelihood->name + "}\n");
        const at::NoGradGuard no_grad;
        Draw draw(8);
        const auto values = run.components.model->sample_prior(300, {}, draw);
        const auto mean = run.components.model->decode(values)->mean()[0].mean(0);
        return number((mean - run.components.data->splits.train.mean()).abs().mean());
      };
      INFO(model->name << " with " << likelihood->name);
      // The rest of the network is untrained: it still adds something of its own.
      CHECK(distance_to_mean("true") < 0.5 * distance_to_mean("false"));
    }
  }
}
