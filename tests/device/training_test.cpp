#include <ATen/Functions.h>
#include <fmt/format.h>

#include <cmath>
#include <string>

#include "conformance/fake_device.hpp"
#include "conformance/test_trial.hpp"
#include "support/catch.hpp"
#include "unit/training/trial_runs.hpp"
#include "varia/split.hpp"

using namespace varia;
using namespace varia::test;
using conformance::add_fake_device;
using conformance::fake_device_use;
using conformance::kFakeDevice;
using conformance::reset_fake_device_use;
using conformance::TestTrial;

namespace {

constexpr const char* kImages = "{use: synthetic, size: 28, batch: 20}";

std::string trial_on_device(const std::string& train) {
  return fmt::format("data: {}\nmodel: {{use: mlp_vae}}\ntrain: {{device: {}, epochs: 2{}}}",
                     kImages, kFakeDevice, train);
}

}  // namespace

TEST_CASE("what steps record is read at once for all of them, whatever they compute") {
  add_fake_device();
  TestTrial trial(
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
  TestTrial trial(trial_on_device(""), registry());
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
      "data: {{use: synthetic, size: 28, batch: 16}}\n"
      "model: {{use: mlp_vae, hidden: [12], latent: 3}}\n"
      "train: {{epochs: 2, threads: 1, device: {}, record_every: 1}}\n",
      kFakeDevice);
  TrialRuns whole(text);
  whole.environment.gpu = "Fake H200, driver 1";
  CHECK(whole.run().outcome.end == training::TrialEnd::done);
  const auto trial = results::read_trial(whole.published().string());
  CHECK(trial.header.gpu == "Fake H200, driver 1");
  // The weights of two layers, their gradients and the two moments of Adam, in float32.
  const std::int64_t least = 2 * 28 * 28 * 12 * 4 * 4;
  CHECK(trial.header.gpu_memory >= (VARIA_HAS_DEVICE_ALLOCATOR ? least : 0));
  CHECK(trial.header.gpu_memory < 1 << 30);
  TrialRuns pieces(text);
  pieces.environment.gpu = "Fake H200, driver 1";
  pieces.checkpoint_every = std::chrono::seconds(0);
  CHECK(pieces.run_step_by_step() > 2);
  CHECK(difference(whole.published(), pieces.published()).empty());
}

TEST_CASE("batches that are gathered on the device are those of the host, bit for bit") {
  add_fake_device();
  const torch::Device device(torch::Device(kFakeDevice).type(), 0);
  const auto bytes = at::arange(30 * 12, at::kLong).mul(7).remainder(256).to(at::kByte);
  const auto images = bytes.reshape({30, 1, 3, 4});
  const auto numbers = images.to(at::kFloat).div(3);
  const auto gaps = numbers.masked_fill(numbers.gt(60), std::nan(""));
  Annotations with_gaps;
  with_gaps.has_missing = true;
  struct Case {
    std::string what;
    std::shared_ptr<Samples> samples;
    Binarize binarize;
    std::int64_t bytes;  // of a number
  };
  const Case cases[] = {
      {"bytes", std::make_shared<MemorySamples>(images), Binarize::none, 1},
      {"bytes of fewer levels",
       std::make_shared<MemorySamples>(images.remainder(17), Annotations(), 16), Binarize::none, 1},
      {"bytes, drawn anew", std::make_shared<MemorySamples>(images), Binarize::dynamic, 1},
      {"bytes, drawn once", std::make_shared<MemorySamples>(images), Binarize::fixed, 1},
      {"numbers", std::make_shared<MemorySamples>(numbers), Binarize::none, 4},
      {"numbers with gaps", std::make_shared<MemorySamples>(gaps, with_gaps), Binarize::none, 4},
  };
  const auto index = at::arange(29, 4, -1, at::kLong);
  for (const auto& [what, samples, binarize, size] : cases) {
    INFO(what);
    const Split here("train", samples, index, binarize, {Corruption::Kind::mask, 0.3});
    auto there = here;
    CHECK(there.keep_on(device, 25 * 12 * size - 1) == 0);
    CHECK(there.keep_on(device, 25 * 12 * size) == 25 * 12 * size);
    const auto places = at::arange(24, -1, -2, at::kLong);
    Draw draw(1, 1, device);
    Draw same(1, 1, device);
    const auto expected = here.batch(places, same);
    reset_fake_device_use();
    const auto batch = there.batch(places, draw);
    CHECK(fake_device_use().reads == 0);
    CHECK(fake_device_use().waits == 0);
    CHECK(at::equal(batch.target.to(at::kCPU), expected.target.to(at::kCPU)));
    CHECK(at::equal(batch.input.to(at::kCPU), expected.input.to(at::kCPU)));
    CHECK(batch.mask.defined() == expected.mask.defined());
  }
}

TEST_CASE("data that must lie on the device are not those that may") {
  add_fake_device();
  TestTrial trial(trial_on_device(""), registry());
  training::DataCache cache(registry());
  const auto device = trial.components.device.str();
  const auto may = cache.get(*trial.trial.data, {device, false});
  CHECK(cache.get(*trial.trial.data, {device, false}) == may);
  CHECK(cache.get(*trial.trial.data, {device, true}) != may);
  CHECK(cache.get(*trial.trial.data) != may);
}

TEST_CASE("a trial has the same bits wherever its data lie") {
  add_fake_device();
  TestTrial there(trial_on_device(", data_on_device: always"), registry());
  TestTrial here(trial_on_device(", data_on_device: never"), registry());
  for (std::int64_t step = 0; step < 4; ++step) CHECK(there.step(step) == here.step(step));
  const auto parameters = there.snapshot();
  const auto expected = here.snapshot();
  for (std::size_t i = 0; i < expected.size(); ++i)
    CHECK(at::equal(parameters[i].second.to(at::kCPU), expected[i].second.to(at::kCPU)));
}
