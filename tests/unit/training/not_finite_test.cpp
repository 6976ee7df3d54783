#include <ATen/Functions.h>

#include <cmath>
#include <cstring>

#include "results/tensors.hpp"
#include "support/catch.hpp"
#include "training/checkpoint/component_state.hpp"
#include "trial_runs.hpp"

using namespace varia;
using namespace varia::test;
using namespace varia::training;

namespace {

/// Two epochs of four steps; nothing is evaluated, so that no loss shows what the parameters are.
std::string poisoned_at(int step, const std::string& more = "") {
  return "data: {use: synthetic, batch: 16, test_count: 0}\n"
         "model: {use: mlp_vae, hidden: [12], latent: 3}\n"
         "loss: {use: poisoned, step: " +
         std::to_string(step) +
         "}\noptimizer: {use: sgd, lr: 1e-3}\ntrain: {epochs: 2, threads: 1" + more + "}\n";
}

bool begins_with(const std::string& text, const std::string& beginning) {
  INFO(text);
  return text.starts_with(beginning);
}

}  // namespace

TEST_CASE("a trial whose parameters are not finite at its end is never done") {
  for (const auto* keep : {"", ", keep: none"}) {
    TrialRuns runs(poisoned_at(8, keep));
    const auto outcome = runs.run().outcome;
    CHECK(outcome.end == TrialEnd::failed);
    CHECK(begins_with(outcome.error, "step 8: the gradient of model."));
    CHECK(outcome.error.ends_with(" is nan, which is not finite"));
    CHECK(results::read_trial_info(runs.published().string()).status ==
          results::TrialState::failed);
  }
}

TEST_CASE("the parameters of the last epoch in which all were finite are kept") {
  TrialRuns runs(poisoned_at(8));
  runs.run();
  std::int64_t epoch = -1;
  for (const auto& tensor : results::load_tensors(runs.parameters().string())) {
    if (tensor.name == "epoch") std::memcpy(&epoch, tensor.bytes.data(), sizeof epoch);
    if (tensor.type != results::ElementType::f32) continue;
    std::vector<float> values(tensor.bytes.size() / sizeof(float));
    std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
    for (const float value : values) CHECK(std::isfinite(value));
  }
  CHECK(epoch == 1);
}

TEST_CASE("a gradient that is not finite is told by its own step, not by the one that it spoils") {
  for (const double every : {60.0, 0.0}) {  // without a checkpoint, and with one after every step
    TrialRuns runs(poisoned_at(6));
    runs.checkpoint_every = std::chrono::duration<double>(every);
    const auto piece = runs.run();
    CHECK(piece.outcome.end == TrialEnd::failed);
    CHECK(begins_with(piece.outcome.error, "step 6: the gradient of model."));
  }
}

TEST_CASE("a trial that is stopped after every step fails at the step that spoils its parameters") {
  TrialRuns runs(poisoned_at(6));
  runs.run_step_by_step();
  CHECK(begins_with(results::read_trial_info(runs.published().string()).error, "step 6: model."));
}

TEST_CASE("the first tensor with a number that is not finite is named") {
  const auto with = [](double value) {
    auto tensor = at::ones({3, 4});
    tensor[1][2] = value;
    return NamedTensors{{"count", at::ones({2}, at::kLong)}, {"none", {}}, {"w", tensor}};
  };
  CHECK(first_not_finite(with(1)).empty());
  CHECK(first_not_finite(with(-NAN)) == "w is nan");
  CHECK(first_not_finite(with(INFINITY)) == "w is inf");
  CHECK(first_not_finite(with(-INFINITY)) == "w is -inf");
  // Their sum is not finite, but they are.
  CHECK(first_not_finite({{"w", at::full({4}, 3e38)}}).empty());
}
