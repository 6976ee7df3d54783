#include <ATen/Functions.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "runner/checkpoint.hpp"
#include "support/catch.hpp"
#include "unit/runner/support.hpp"
#include "varia/error.hpp"

// Whatever a component keeps besides its parameters, its buffers and an optimizer's state would be
// lost with a break: the steps after it would differ.

using namespace varia;
using namespace varia::test;

namespace {

constexpr std::int64_t kSteps = 3;

std::vector<double> step(Run& run, std::int64_t number) {
  std::vector<double> values;
  for (const auto& scalar : run.trainer.step(number).scalars) values.push_back(scalar.value);
  for (const auto& [key, value] : run.components.scheduled_values()) values.push_back(value);
  return values;
}

bool same(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

std::filesystem::path temporary_file() {
  auto name = (std::filesystem::temp_directory_path() / "varia_resume_XXXXXX").string();
  const int file = mkstemp(name.data());
  REQUIRE(file >= 0);
  close(file);
  return name;
}

void check_resumes(const std::string& text) {
  INFO(text);
  Run whole(text), first(text), second(text, 1);
  for (std::int64_t i = 0; i < kSteps; ++i) {
    step(whole, i);
    step(first, i);
  }
  const auto path = temporary_file();
  runner::Checkpoint checkpoint;
  checkpoint.components = runner::state_of(first.components);
  runner::write_checkpoint(path, checkpoint);
  // As a run does that goes on: the components are new, and nothing else was drawn.
  runner::restore(runner::read_checkpoint(path, std::uint64_t{1} << 30).components,
                  second.components);
  std::filesystem::remove(path);
  std::filesystem::remove(path.string() + ".previous");
  CHECK(same_bits(first.snapshot(), second.snapshot()));
  for (std::int64_t i = kSteps; i < 2 * kSteps; ++i) CHECK(same(step(whole, i), step(second, i)));
  CHECK(same_bits(whole.snapshot(), second.snapshot()));
}

const std::string kData = "data: {use: synthetic, size: 28, batch: 20}\ntrain: {epochs: 100}\n";
const std::string kAdam = "optimizer: {use: adam, lr: 1e-3}\n";

/// The first registered model that the loss takes.
std::string with_model(const std::string& loss) {
  for (const auto* model : registry().list("model")) {
    if (model->plugin == "tests") continue;
    const auto text =
        kData + kAdam + "loss: {use: " + loss + "}\nmodel: {use: " + model->name + "}\n";
    try {
      Run run(text);
      return text;
    } catch (const ConfigError&) {
      continue;
    }
  }
  throw std::runtime_error("no model suits the loss " + loss);
}

}  // namespace

TEST_CASE("every model goes on from a checkpoint to the same bits") {
  for (const auto* model : registry().list("model")) {
    if (model->plugin == "tests") continue;
    check_resumes(kData + kAdam + "loss: {use: elbo}\nmodel: {use: " + model->name + "}\n");
  }
}

TEST_CASE("every loss goes on from a checkpoint to the same bits") {
  for (const auto* loss : registry().list("loss"))
    if (loss->plugin != "tests") check_resumes(with_model(loss->name));
  check_resumes(
      "data: {use: synthetic, batch: 20}\ntrain: {epochs: 100}\nmodel: {use: autoencoder}\n"
      "loss: {use: adversarial, optimizer: {use: adam}, independent: true}\n" +
      kAdam);
}

TEST_CASE("every optimizer goes on from a checkpoint to the same bits") {
  const std::string rest = kData + "loss: {use: elbo}\nmodel: {use: mlp_vae, hidden: [12]}\n";
  for (const auto* optimizer : registry().list("optimizer"))
    check_resumes(rest + "optimizer: {use: " + optimizer->name + "}\n");
  for (const auto* options :
       {"sgd, lr: 1e-4, momentum: 0.9, nesterov: true", "adam, clip_norm: 0.1",
        "adam, lr: {use: linear, from: 1e-3, to: 0, steps: 6}"})
    check_resumes(rest + "optimizer: {use: " + options + "}\n");
}
