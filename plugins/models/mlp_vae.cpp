#include <ATen/Functions.h>

#include "varia/build.hpp"
#include "varia/component.hpp"
#include "varia/distributions.hpp"
#include "varia/likelihood.hpp"
#include "varia/model.hpp"
#include "varia/networks.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct MlpVaeParams final : ParamSet {
  IntegerList hidden{this,
                     "hidden",
                     {400},
                     {1, 1 << 20},
                     "Widths of the encoder's hidden layers, from the image inwards."};
  IntegerList decoder_hidden{
      this,
      "decoder_hidden",
      {},
      {1, 1 << 20},
      "Widths of the decoder's hidden layers, from the code outwards; empty: "
      "the encoder's, mirrored."};
  Choice activation{this, "activation", "relu", activation_names(), "Follows every hidden layer."};
  Integer latent{this, "latent", 20, {1, 1 << 16}, "Dimensions of the code z."};
  Component<Likelihood> likelihood{this, "likelihood", "bernoulli", "p(x | z)."};
  Boolean start_at_mean{this, "start_at_mean", false,
                        "The decoder's last bias starts where it gives the mean training image."};
};

std::vector<std::int64_t> encoder_sizes(const MlpVaeParams& params, const Build& build) {
  std::vector<std::int64_t> sizes = {build.data.pixels()};
  sizes.insert(sizes.end(), params.hidden().begin(), params.hidden().end());
  sizes.push_back(2 * params.latent());
  return sizes;
}

std::vector<std::int64_t> decoder_sizes(const MlpVaeParams& params, const Build& build) {
  std::vector<std::int64_t> sizes = {params.latent()};
  if (params.decoder_hidden().empty())
    sizes.insert(sizes.end(), params.hidden().rbegin(), params.hidden().rend());
  else
    sizes.insert(sizes.end(), params.decoder_hidden().begin(), params.decoder_hidden().end());
  sizes.push_back(build.data.pixels());
  return sizes;
}

/// A Gaussian code between two stacks of fully connected layers.
class MlpVae final : public Model {
 public:
  using Params = MlpVaeParams;

  MlpVae(const Params& params, const Build& build)
      : image_(build.data.image),
        latent_(params.latent()),
        encoder_(register_module("encoder", std::make_shared<Mlp>(encoder_sizes(params, build),
                                                                  params.activation(), false))),
        decoder_(register_module("decoder", std::make_shared<Mlp>(decoder_sizes(params, build),
                                                                  params.activation(), false))),
        likelihood_(register_module("likelihood", params.likelihood.make(build))) {
    if (params.start_at_mean()) {
      const torch::NoGradGuard no_grad;
      const auto start = likelihood_->output_for_mean(build.train->mean_image());
      decoder_->bias(decoder_->layer_count() - 1).copy_(start.flatten());
    }
  }

  std::vector<Latent> latents() const override {
    return {{"z", std::string(Normal::kFamily), {latent_}, prior()}};
  }

  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    // [1, B, 2 D]: one sample, so that everything behind has its K.
    const auto encoded = encoder_->forward(batch.images.flatten(1)).unsqueeze(0);
    const auto halves = encoded.chunk(2, -1);
    const auto posterior = std::make_shared<Normal>(halves[0], halves[1]);
    return {{"z", posterior, prior(), posterior->rsample(draw).value, {}}};
  }

  DistributionPtr decode(const LatentValues& values) override {
    return likelihood_->distribution(decoder_->forward(values.at("z")).unflatten(-1, image_));
  }

 private:
  DistributionPtr prior() const { return Normal::unit({latent_}, decoder_->bias(0).device()); }

  std::vector<std::int64_t> image_;
  std::int64_t latent_;
  std::shared_ptr<Mlp> encoder_;
  std::shared_ptr<Mlp> decoder_;
  std::shared_ptr<Likelihood> likelihood_;
};

}  // namespace

VARIA_PLUGIN("mlp_vae", "1.0.0") {
  registry.add<MlpVae>("mlp_vae",
                       "Gaussian code between fully connected layers (Kingma & Welling 2014).");
}
