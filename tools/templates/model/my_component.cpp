#include "varia/model.hpp"

#include <ATen/Functions.h>

#include "varia/build.hpp"
#include "varia/component.hpp"
#include "varia/distributions.hpp"
#include "varia/likelihood.hpp"
#include "varia/networks.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct MyComponentParams final : ParamSet {
  Integer hidden{this, "hidden", 200, {1, 1 << 16}, "Width of the hidden layers."};
  Integer latent{this, "latent", 10, {1, 1 << 16}, "Dimensions of the code z."};
  Component<Likelihood> likelihood{this, "likelihood", kByData,
                                   "p(x | z); by default the one that fits the data."};
};

/// A Gaussian code between two fully connected networks.
class MyComponent final : public Model {
 public:
  using Params = MyComponentParams;

  MyComponent(const Params& params, const Build& build)
      : likelihood_(params.likelihood.make(build)),
        output_(likelihood_->output_shape(build.data.event)),
        latent_(params.latent()) {
    const auto hidden = params.hidden();
    const auto mlp = [](const std::vector<std::int64_t>& sizes) {
      return std::make_shared<Mlp>(sizes, "relu", false);
    };
    // What is registered is trained, saved and moved to the device.
    encoder_ = register_module("encoder", mlp({build.data.event_size(), hidden, 2 * latent_}));
    decoder_ = register_module("decoder", mlp({latent_, hidden, c10::multiply_integers(output_)}));
    register_module("likelihood", likelihood_);
  }

  std::vector<Latent> latents() const override {
    return {{"z", "normal", {latent_}, Normal::unit({latent_}, encoder_->weight(0).device())}};
  }

  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    const auto encoded = encoder_->forward(batch.input.flatten(1)).unsqueeze(0);  // [1, B, 2 D]
    const auto parts = encoded.chunk(2, -1);
    const auto posterior = std::make_shared<Normal>(parts[0], parts[1]);
    const auto prior = Normal::unit({latent_}, encoded.device());
    return {{"z", posterior, prior, posterior->rsample(draw).value, {}}};
  }

  DistributionPtr decode(const LatentValues& values) override {
    const auto output = decoder_->forward(values.at("z"));  // [K, B, numbers]
    return likelihood_->distribution(output.unflatten(-1, output_));
  }

 private:
  std::shared_ptr<Likelihood> likelihood_;
  std::vector<std::int64_t> output_;  // the shape that the likelihood takes
  std::int64_t latent_;
  std::shared_ptr<Mlp> encoder_;
  std::shared_ptr<Mlp> decoder_;
};

}  // namespace

VARIA_PLUGIN("my_component", "0.1.0") {
  registry.add<MyComponent>("my_component", "Gaussian code between fully connected networks.");
}
