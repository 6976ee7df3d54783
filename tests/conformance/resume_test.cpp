#include "conformance/test_trial.hpp"
#include "support/catch.hpp"
#include "unit/training/support.hpp"

// Every component is resumed with its defaults in test_every_component; these have more to lose.

using namespace varia;
using namespace varia::test;

namespace {

void check_resumes(const std::string& text) {
  INFO(text);
  conformance::Findings findings;
  conformance::check_resumes(text, registry(), findings);
  for (const auto& finding : findings.all()) FAIL_CHECK(finding);
}

}  // namespace

TEST_CASE("two phases on batches of their own resume from a checkpoint with the same bits") {
  check_resumes(
      "data: {use: synthetic, batch: 20}\ntrain: {epochs: 100}\nmodel: {use: autoencoder}\n"
      "loss: {use: adversarial, optimizer: {use: adam}, independent: true}\n"
      "optimizer: {use: adam, lr: 1e-3}\n");
}

TEST_CASE("momentum, clipping and schedules resume from a checkpoint with the same bits") {
  for (const auto* options :
       {"sgd, lr: 1e-4, momentum: 0.9, nesterov: true", "adam, clip_norm: 0.1",
        "adam, lr: {use: linear, from: 1e-3, to: 0, steps: 6}"})
    check_resumes(
        "data: {use: synthetic, size: 28, batch: 20}\ntrain: {epochs: 100}\nloss: {use: elbo}\n"
        "model: {use: mlp_vae, hidden: [12]}\noptimizer: {use: " +
        std::string(options) + "}\n");
}
