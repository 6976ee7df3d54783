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
      struct Start {
        double distance;     // of the decoded mean from the mean image
        double log_density;  // of images, nats
      };
      const auto start = [&](const std::string& start_at_mean) {
        Run run(
            "data: {use: synthetic, size: 28}\nloss: {use: elbo}\noptimizer: {use: adam}\n"
            "train: {epochs: 1}\nmodel: {use: " +
            model->name + ", start_at_mean: " + start_at_mean +
            ", likelihood: " + likelihood->name + "}\n");
        const at::NoGradGuard no_grad;
        Draw draw(8);
        const auto values = run.components.model->sample_prior(50, {}, draw);
        const auto likelihood_of_images = run.components.model->decode(values);
        const auto& train = run.components.data->splits.train;
        return Start{
            number((likelihood_of_images->mean()[0].mean(0) - train.mean()).abs().mean()),
            number(likelihood_of_images->log_prob(train.slice(0, 50, draw).target.unsqueeze(0))
                       .mean())};
      };
      INFO(model->name << " with " << likelihood->name);
      const auto with = start("true"), without = start("false");
      // The rest of the network is untrained: it still adds something of its own.
      CHECK(with.distance < 0.5 * without.distance);
      CHECK(with.log_density > without.log_density);
    }
  }
}
