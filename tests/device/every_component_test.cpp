#include <c10/core/impl/LocalDispatchKeySet.h>
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <iostream>

#include "conformance/check.hpp"
#include "conformance/script_files.hpp"
#include "conformance/test_trial.hpp"
#include "device/fake_device.hpp"
#include "support/catch.hpp"
#include "training/evaluation/evaluator.hpp"
#include "unit/training/trial_runs.hpp"

// Each component is trained and evaluated once on a device that is not the CPU, beside components
// that suit it.

using namespace varia;
using namespace varia::test;

namespace {

constexpr std::int64_t kSteps = 2;

constexpr const char* kImages = "{use: synthetic, size: 28, batch: 20}";
/// With noise, and with few vectors, no two codes of vq_vae are alike. Of equal ones rounding
/// chooses the nearest.
constexpr const char* kNoisyImages =
    "{use: synthetic, size: 28, batch: 20, corrupt: {use: gaussian, scale: 0.3}}";

/// What a few steps and an evaluation give.
struct Outcome {
  std::vector<std::pair<std::string, double>> values;
  std::vector<std::pair<std::string, Tensor>> parameters;
  std::int64_t reads = 0;  ///< of the device's numbers, in the steps
};

Outcome outcome_on(const std::string& device, const std::string& text) {
  // The kernels of Varia for the CPU stand back while operators are traced. Their sums are rounded
  // in another order, which Adam and what chooses the nearest of several codes make large.
  const c10::impl::IncludeDispatchKeyGuard no_kernels(c10::DispatchKey::Tracer);
  conformance::TestTrial trial(text + "\ntrain: {device: " + device + ", epochs: 2}\n", registry());
  training::Evaluator evaluator(trial.components, trial.trial, registry(), 1);
  Outcome outcome;
  evaluator.begin_training({}, 1, 1);
  reset_fake_device_use();
  for (std::int64_t step = 0; step < kSteps; ++step) trial.trainer.step(step);
  outcome.reads = fake_device_use().reads;
  for (const auto& record : trial.trainer.take_records())
    for (const auto& value : record.scalars) outcome.values.push_back(value);
  const auto& split = *trial.components.data->splits.test;
  for (const auto& [name, array] : evaluator.evaluate(split, {}, 1, 1).values)
    for (const auto value : array.values) outcome.values.emplace_back(name, value);
  evaluator.render({}, 1, 1);
  outcome.parameters = trial.snapshot();
  return outcome;
}

/// Parameters of the two differ by at most 1e-5, relative to the larger one or to 1.
void check_same(const Outcome& cpu, const Outcome& device) {
  REQUIRE(device.values.size() == cpu.values.size());
  for (std::size_t i = 0; i < cpu.values.size(); ++i) {
    INFO(cpu.values[i].first);
    const auto expected = cpu.values[i].second;
    if (std::isnan(expected))
      CHECK(std::isnan(device.values[i].second));
    else
      CHECK(device.values[i].second == Approx(expected).epsilon(1e-5).margin(1e-5));
  }
  REQUIRE(device.parameters.size() == cpu.parameters.size());
  for (std::size_t i = 0; i < cpu.parameters.size(); ++i) {
    INFO(cpu.parameters[i].first);
    CHECK(conformance::close(device.parameters[i].second.to(at::kCPU), cpu.parameters[i].second,
                             1e-5, 1e-5));
  }
}

void check_trial(const std::string& text) {
  INFO(text);
  add_fake_device();
  const auto cpu = outcome_on("cpu", text);
  const auto device = outcome_on(kFakeDevice, text);
  CHECK(fake_device_use().operators > 0);
  // Bessel functions and draws by rejection are the CPU's.
  if (text.find("sphere_vae") == std::string::npos) CHECK(device.reads == 0);
  CHECK(fake_device_use().mixed == std::vector<std::string>());
  check_same(cpu, device);
}

std::vector<const ComponentInfo*> components(const std::string& kind) {
  auto all = registry().list(kind);
  std::erase_if(all, [](const auto* info) { return info->plugin == "tests"; });
  return all;
}

/// The first of some trials that the components accept.
/// @returns false if they accept none
bool check_first_that_suits(const std::vector<std::string>& texts) {
  for (const auto& text : texts) {
    try {
      conformance::TestTrial trial(text, registry());
      const training::Evaluator evaluator(trial.components, trial.trial, registry(), 1);
    } catch (const ConfigError&) {
      continue;
    }
    check_trial(text);
    return true;
  }
  return false;
}

/// Trials with all models on all synthetic data, the usual ones first.
std::vector<std::string> with_models(const std::string& sections) {
  std::vector<std::string> texts;
  for (const auto* data : {"", ", held_out: [2]", ", counts: true"})
    for (const auto* model : {"mlp_vae", "joint_vae", "flow_vae", "conditional_vae", "cell_vae",
                              "self_conditional_vae", "mlp_autoencoder"})
      texts.push_back(fmt::format(
          "data: {{use: synthetic, size: 28, factors: true, batch: 20{}}}\nmodel: {{use: {}}}\n{}",
          data, model, sections));
  return texts;
}

void check_every(const std::string& kind, const std::string& section) {
  for (const auto* info : components(kind)) {
    if (info->name == "vq") continue;  // suits vq_vae alone
    DYNAMIC_SECTION(info->name) {
      auto component = info->name;
      if (component == "factor_vae_score") component += ", train_votes: 50, votes: 20";
      CHECK(check_first_that_suits(with_models(fmt::format(fmt::runtime(section), component))));
    }
  }
}

}  // namespace

TEST_CASE("every model is trained on another device", "[slow]") {
  for (const auto* info : components("model")) {
    if (info->name == "vq_vae") continue;
    auto model = info->name;
    if (model == "torchscript") model += ", " + script_parameters();
    DYNAMIC_SECTION(info->name) {
      check_trial(fmt::format("data: {}\nmodel: {{use: {}}}",
                              info->name == "cell_vae" ? "{use: cells, batch: 20}" : kImages,
                              model));
    }
  }
}

TEST_CASE("the model and the loss of vector quantisation are trained on another device") {
  check_trial(fmt::format("data: {}\nmodel: {{use: vq_vae, codebook: 4}}\nloss: {{use: vq}}",
                          kNoisyImages));
}

TEST_CASE("every loss trains on another device", "[slow]") {
  check_every("loss", "loss: {{use: {}}}");
}

TEST_CASE("every optimizer steps on another device", "[slow]") {
  check_every("optimizer", "optimizer: {{use: {}}}");
}

TEST_CASE("every metric measures on another device", "[slow]") {
  check_every("metric", "metrics: [{{use: {}}}]");
}

TEST_CASE("every view shows what is on another device", "[slow]") {
  check_every("view", "views: [{{use: {}}}]");
}

TEST_CASE("every likelihood is trained on another device", "[slow]") {
  for (const auto* info : components("likelihood")) {
    DYNAMIC_SECTION(info->name) {
      std::vector<std::string> texts;
      for (const auto* data : {"use: synthetic, size: 28, batch: 20", "use: cells, batch: 20"})
        for (const auto* model : {"mlp_vae", "cell_vae"})
          texts.push_back(fmt::format("data: {{{}}}\nmodel: {{use: {}, likelihood: {}}}", data,
                                      model, info->name));
      if (info->name != "categorical") CHECK(check_first_that_suits(texts));  // no such images
    }
  }
}

// Minutes: by hand, with VARIA_COMBINATIONS=1 in the environment.
TEST_CASE("every model with every loss and every optimizer", "[slow]") {
  if (std::getenv("VARIA_COMBINATIONS") == nullptr) return;
  int tried = 0;
  for (const auto* model : components("model")) {
    auto use = model->name;
    if (use == "torchscript") use += ", " + script_parameters();
    if (use == "vq_vae") use += ", codebook: 4";
    for (const auto* loss : components("loss")) {
      for (const auto* optimizer : components("optimizer")) {
        std::vector<std::string> texts;
        for (const auto* data : {kNoisyImages, "{use: cells, batch: 20}"})
          texts.push_back(fmt::format(
              "data: {}\nmodel: {{use: {}}}\nloss: {{use: {}}}\noptimizer: {{use: {}, lr: 1e-5}}",
              data, use, loss->name, optimizer->name));
        tried += check_first_that_suits(texts) ? 1 : 0;
      }
    }
  }
  CHECK(tried > 300);
  std::cout << tried << " combinations\n";
}

TEST_CASE("what steps record is read at once for all of them, whatever they compute") {
  add_fake_device();
  conformance::TestTrial trial(
      fmt::format("data: {}\nmodel: {{use: mlp_vae}}\noptimizer: {{use: adam, clip_norm: 0.1}}\n"
                  "train: {{device: {}, epochs: 2}}",
                  kImages, kFakeDevice),
      registry());
  reset_fake_device_use();
  for (std::int64_t step = 0; step < 3; ++step) trial.trainer.step(step);
  CHECK(fake_device_use().reads == 0);
  CHECK(trial.trainer.take_records().size() == 3);
  CHECK(fake_device_use().reads == 1);
}

TEST_CASE("a loss that is not finite names its step, though it is read later") {
  add_fake_device();
  conformance::TestTrial trial(
      fmt::format("data: {}\nmodel: {{use: mlp_vae}}\ntrain: {{device: {}, epochs: 2}}", kImages,
                  kFakeDevice),
      registry());
  trial.trainer.step(0);
  trial.trainer.step(1);
  {
    const torch::NoGradGuard no_grad;
    trial.components.model->parameters().front().fill_(std::nan(""));
  }
  trial.trainer.step(2);
  trial.trainer.step(3);
  CHECK_THROWS_WITH(trial.trainer.take_records(),
                    Catch::Matchers::StartsWith("step 3: kl_z is nan"));
}

TEST_CASE("a trial on another device is resumed there, and says what it was trained on") {
  add_fake_device();
  const auto text = fmt::format(
      "data: {{use: synthetic, batch: 16}}\nmodel: {{use: mlp_vae, hidden: [12], latent: 3}}\n"
      "train: {{epochs: 2, threads: 1, device: {}, record_every: 1}}\n",
      kFakeDevice);
  TrialRuns whole(text);
  whole.environment.gpu = "Fake H200, driver 1";
  CHECK(whole.run().outcome.end == training::TrialEnd::done);
  const auto trial = results::read_trial(whole.published().string());
  CHECK(trial.header.gpu == "Fake H200, driver 1");
  TrialRuns pieces(text);
  pieces.environment.gpu = "Fake H200, driver 1";
  pieces.checkpoint_every = std::chrono::seconds(0);
  CHECK(pieces.run_step_by_step() > 2);
  CHECK(difference(whole.published(), pieces.published()).empty());
}
