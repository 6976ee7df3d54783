#include <ATen/Functions.h>

#include "conformance/script_files.hpp"
#include "conformance/test_trial.hpp"
#include "support/catch.hpp"
#include "support/contains.hpp"
#include "support/temporary_folder.hpp"
#include "unit/math/support.hpp"
#include "unit/training/support.hpp"
#include "varia/error.hpp"

// Networks that a file brings. tests/end_to_end/torchscript_test.py has those that PyTorch wrote.

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

constexpr const char* kRest =
    "loss: {use: elbo}\noptimizer: {use: adam, lr: 1e-3}\ntrain: {epochs: 100, samples: 2}\n";

std::string trial_text(const std::string& model) {
  return "data: {use: synthetic, size: 6, batch: 20}\nmodel: {use: " + model + "}\n" + kRest;
}

/// Two networks in a folder, for images of 6x6 and a code of 3 dimensions.
struct Networks {
  testing::TemporaryFolder folder;
  Stack encoder = stack({36, 12, 6});
  Stack decoder = stack({3, 12, 36});
  NamedTensors encoder_buffers;

  std::string trial(const std::string& more = "") const {
    write_script(folder / "encoder.pt", encoder.forward, encoder.parameters, encoder_buffers);
    write_script(folder / "decoder.pt", decoder.forward, decoder.parameters);
    return trial_text("torchscript, gaussian: [3], encoder: " + (folder / "encoder.pt").string() +
                      ", decoder: " + (folder / "decoder.pt").string() + more);
  }
  /// The reason for which they are refused; the message begins with the parameter.
  std::string refusal(const std::string& more = "") const {
    try {
      Run run(trial(more));
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "they are taken";
  }
};

Inference infer(Run& run, std::uint64_t key) {
  Draw images(1), noise(key, 3);
  return run.components.model->infer(run.components.data->splits.train.slice(0, 20, images), noise);
}

}  // namespace

TEST_CASE("networks from a file learn what the same ones of mlp_vae learn") {
  Run own(trial_text("mlp_vae, hidden: [12], latent: 3"));
  Networks networks;
  const auto copy = [&](Stack& to, const std::string& from) {
    for (auto& [name, tensor] : to.parameters) tensor = own.tensor(from + "." + name);
  };
  copy(networks.encoder, "model.encoder");
  copy(networks.decoder, "model.decoder.network");
  Run brought(networks.trial());
  for (std::int64_t step = 0; step < 20; ++step) {
    const auto expected = own.step(step), found = brought.step(step);
    for (const auto& [name, value] : expected) {
      INFO(step << " " << name);
      CHECK(found.at(name) == Approx(value).epsilon(1e-4));
    }
  }
}

TEST_CASE("a file's parameters are the same with every seed, and permuted ones are not") {
  Networks networks;
  const auto text = networks.trial();
  CHECK(same_bits(Run(text, 1).snapshot(), Run(text, 2).snapshot()));
  Run run(text);
  for (const auto& [name, tensor] : networks.encoder.parameters)
    CHECK(at::equal(run.tensor("model.encoder." + name), tensor));

  const auto permuted = networks.trial(", initial: permuted");
  Run one(permuted, 1), other(permuted, 2);
  for (const auto& [name, tensor] : networks.encoder.parameters) {
    const auto first = one.tensor("model.encoder." + name);
    const auto second = other.tensor("model.encoder." + name);
    CHECK_FALSE(at::equal(first, second));
    const auto sorted = [](const Tensor& values) {
      return std::get<0>(values.detach().flatten().sort());
    };
    CHECK(at::equal(sorted(first), sorted(tensor)));
    CHECK(at::equal(sorted(second), sorted(tensor)));
  }
}

TEST_CASE("dropout and batch normalisation resume from a checkpoint with the same bits") {
  Networks networks;
  networks.encoder_buffers = {{"mean", at::zeros({36})}, {"var", at::ones({36})}};
  networks.encoder.forward = {
      "x = torch.flatten(x, 1)",
      "x = torch.batch_norm(x, None, None, self.mean, self.var, self.training, 0.1, 1e-5, True)",
      "x = torch.dropout(x, 0.5, self.training)",
      "x = torch.relu(torch.linear(x, self.weight0, self.bias0))",
      "return torch.linear(x, self.weight1, self.bias1)"};
  const auto text = networks.trial();
  conformance::Findings findings;
  conformance::check_resumes(text, registry(), findings);
  for (const auto& finding : findings.all()) FAIL_CHECK(finding);

  Run run(text);
  run.trainer.step(0);
  CHECK(number(run.tensor("model.encoder.mean").abs().sum()) > 0);
  const at::NoGradGuard no_grad;
  run.components.model->eval();
  const auto before = run.snapshot();
  const auto mean = infer(run, 3).blocks[0].posterior->mean();
  CHECK(at::equal(mean, infer(run, 4).blocks[0].posterior->mean()));
  CHECK(same_bits(before, run.snapshot()));
}

TEST_CASE("the encoder may give a tuple with a part for every code") {
  Networks networks;
  networks.encoder = stack({36, 12, 10});
  networks.encoder.forward.back() = "return x[:, :3], x[:, 3:6], x[:, 6:]";
  networks.decoder = stack({7, 12, 36});
  Run run(networks.trial(", categorical: [4]"));
  auto inference = infer(run, 2);
  REQUIRE(inference.blocks.size() == 2);
  CHECK(inference.blocks[0].posterior->mean().sizes() == at::IntArrayRef({1, 20, 3}));
  CHECK(inference.blocks[1].value.sizes() == at::IntArrayRef({3, 20, 4}));
  CHECK(inference.log_weight().sizes() == at::IntArrayRef({3, 20}));
  CHECK(run.components.model->bound() == "relaxed");

  networks.encoder.forward.back() = "return x[:, 6:], x[:, :3], x[:, 3:6]";
  contains(networks.refusal(", categorical: [4]"),
           "encoder: expected from 3 images one tensor [3, 10] or a tuple of [3, 3], [3, 3], "
           "[3, 4] (means of z, log-variances of z, logits of c), found [3, 4], [3, 3], [3, 3]");
}

TEST_CASE("a script that cannot be trained soundly is refused with the reason") {
  Networks networks;
  auto& forward = networks.encoder.forward;
  SECTION("an encoder for another code") {
    networks.encoder = stack({36, 12, 8});
    contains(networks.refusal(),
             "encoder: expected from 3 images one tensor [3, 6] or a tuple of "
             "[3, 3], [3, 3] (means of z, log-variances of z), found [3, 8]");
  }
  SECTION("a decoder for other images") {
    networks.decoder = stack({3, 12, 35});
    contains(networks.refusal(),
             "decoder: expected from codes [3, 3] one tensor [3, 1, 6, 6] or "
             "[3, 36], found [3, 35]");
  }
  SECTION("random numbers in evaluation") {
    forward.insert(forward.begin() + 1, "x = torch.dropout(x, 0.5, True)");
    contains(networks.refusal(), "it draws random ones there");
  }
  SECTION("a buffer that evaluation changes") {
    networks.encoder_buffers = {{"count", at::zeros({})}};
    forward.insert(forward.begin(), "self.count.add_(1)");
    contains(networks.refusal(), "changes its own tensors in evaluation");
  }
  SECTION("an attribute that is assigned to") {
    networks.encoder_buffers = {{"last", at::zeros({})}};
    forward.insert(forward.begin(), "self.last = x.mean()");
    contains(networks.refusal(), "forward assigns to self.last, which a checkpoint would lose");
  }
  SECTION("a parameter in float64") {
    auto& parameters = networks.encoder.parameters;
    parameters.emplace_back("extra", at::ones({2}, at::kDouble));
    contains(networks.refusal(), "parameter extra is Double; Varia trains float32");
  }
  SECTION("a buffer that results cannot hold") {
    networks.encoder_buffers = {{"half", at::ones({2}, at::kHalf)}};
    contains(networks.refusal(), "tensor half is Half, which cannot be kept with the results");
  }
  SECTION("a sigmoid before a likelihood that takes logits") {
    networks.decoder.forward.back() = "return torch.sigmoid(x).view(-1, 1, 6, 6)";
    contains(networks.refusal(), "decoder: ends in a sigmoid, and the likelihood bernoulli takes");
    CHECK(networks.refusal(", likelihood: gaussian") == "they are taken");
  }
  SECTION("a number of images that is fixed") {
    forward.front() = "x = x.view(3, 36)";
    contains(networks.refusal(), "forward of [2, 1, 6, 6] failed: shape '[3, 36]' is invalid");
  }
}
