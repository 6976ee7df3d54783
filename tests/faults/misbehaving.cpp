// A model that does what no plugin should, at one step of its training.
#include <ATen/Functions.h>
#include <sys/socket.h>
#include <torch/nn/module.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <thread>

#include "varia/build.hpp"
#include "varia/distributions.hpp"
#include "varia/metric.hpp"
#include "varia/model.hpp"
#include "varia/networks.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct MisbehavingParams final : ParamSet {
  Choice how{this,
             "how",
             "not",
             {"not", "segfault", "exit", "allocate", "hang", "nan", "throw", "throw_a_number",
              "chatter", "dawdle", "write_to_sockets"},
             "What it does."};
  Integer at{this, "at", 0, {0, 1 << 20}, "Steps that go well before; 0: it fails in the check."};
  Text once{this, "once", "", "A file; where it is there already, nothing is done."};
};

void segfault() {
  volatile int* volatile nowhere = nullptr;
  *nowhere = 1;
}

/// 30 GB, each page written to.
void allocate() {
  constexpr std::int64_t kPart = 100'000'000;
  std::vector<Tensor> parts;
  for (std::int64_t size = 0; size < 30'000'000'000; size += kPart)
    parts.push_back(at::full({kPart}, 1, at::kByte));
}

void chatter() {
  for (int line = 0; line < 100'000; ++line) std::printf("line %d of far too many\n", line);
  std::printf("\033[31mred\033[0m, \xff\xfe no UTF-8, a \"quote\" and the end\n");
}

/// As a library does that has closed a descriptor twice, and thinks that a socket is its own.
void write_to_sockets() {
  constexpr std::string_view kText = "a line of text for someone else\n";
  for (int descriptor = 3; descriptor < 256; ++descriptor)
    ::send(descriptor, kText.data(), kText.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

class Misbehaving final : public Model {
 public:
  using Params = MisbehavingParams;
  Misbehaving(const Params& params, const Build& build)
      : params_(params),
        event_(build.data.event),
        encoder_(register_module("encoder", layer(build.data.event_size(), 2 * kLatent))),
        decoder_(register_module("decoder", layer(kLatent, build.data.event_size()))),
        steps_(register_buffer("steps", at::zeros({1}, at::kLong))) {}

  std::vector<Latent> latents() const override {
    return {{"z", std::string(Normal::kFamily), {kLatent}, Normal::unit({kLatent}, at::kCPU)}};
  }

  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    const auto halves = encoder_->forward(batch.input.flatten(1)).unsqueeze(0).chunk(2, -1);
    const auto posterior = std::make_shared<Normal>(halves[0], halves[1]);
    auto value = posterior->rsample(draw).value;
    if (is_training() && steps_.item<std::int64_t>() == params_.at()) value = misbehave(value);
    return {{"z", posterior, Normal::unit({kLatent}, at::kCPU), value, {}}};
  }

  DistributionPtr decode(const LatentValues& values) override {
    return std::make_shared<Bernoulli>(decoder_->forward(values.at("z")).unflatten(-1, event_));
  }

  void after_step(const Inference&, const Step&) override { steps_.add_(1); }

 private:
  static constexpr std::int64_t kLatent = 3;

  static std::shared_ptr<Mlp> layer(std::int64_t inputs, std::int64_t outputs) {
    return std::make_shared<Mlp>(std::vector<std::int64_t>{inputs, outputs}, "identity", false);
  }

  Tensor misbehave(const Tensor& value) const {
    const std::string how = params_.how();
    if (how == "not") return value;
    if (!params_.once().empty()) {
      if (std::filesystem::exists(params_.once())) return value;
      std::ofstream(params_.once()) << how;
    }
    std::printf("about to %s\n", how.c_str());
    if (how == "segfault") segfault();
    if (how == "exit") std::exit(0);
    if (how == "allocate") allocate();
    while (how == "hang") ::pause();
    if (how == "write_to_sockets") {
      write_to_sockets();
      return value;
    }
    if (how == "dawdle") {
      std::this_thread::sleep_for(std::chrono::seconds(3));
      return value;
    }
    if (how == "throw") throw std::runtime_error("thrown by a plugin");
    if (how == "throw_a_number") throw 42;
    if (how == "chatter") {
      chatter();
      segfault();
    }
    return value * std::numeric_limits<double>::quiet_NaN();
  }

  const Params& params_;
  std::vector<std::int64_t> event_;
  std::shared_ptr<Mlp> encoder_;
  std::shared_ptr<Mlp> decoder_;
  Tensor steps_;
};

/// Cannot be made. `varia test-plugin` has other components to check.
class GivesUp final : public Model {
 public:
  struct Params final : ParamSet {};
  explicit GivesUp(const Params&) { throw std::runtime_error("constructor gave up"); }
  std::vector<Latent> latents() const override { return {}; }
  std::vector<Block> encode(const Batch&, Draw&) override { return {}; }
  DistributionPtr decode(const LatentValues&) override { return nullptr; }
};

/// The same, without an exception to tell of it.
class GivesUpWithANumber final : public Model {
 public:
  struct Params final : ParamSet {};
  explicit GivesUpWithANumber(const Params&) { throw 42; }
  std::vector<Latent> latents() const override { return {}; }
  std::vector<Block> encode(const Batch&, Draw&) override { return {}; }
  DistributionPtr decode(const LatentValues&) override { return nullptr; }
};

/// Without a value in any trial.
class NoNumber final : public Metric {
 public:
  struct Params final : ParamSet {};
  explicit NoNumber(const Params&) {}
  std::string units(std::string_view) const override { return "1"; }
  Better better(std::string_view) const override { return Better::higher; }
  Values result(const Evaluation&) override {
    return {{"no_number", at::full({}, std::numeric_limits<double>::quiet_NaN(), at::kDouble)}};
  }
};

}  // namespace

VARIA_PLUGIN("misbehaving", "1.0.0") {
  registry.add<NoNumber>("no_number", "A metric that is NaN (this test).");
  registry.add<GivesUp>("gives_up", "A model that cannot be made (this test).");
  registry.add<GivesUpWithANumber>("gives_up_with_a_number", "The same, by a number (this test).");
  registry.add<Misbehaving>("misbehaving", "Linear VAE that fails when it is told to (this test).");
}
