#include "shared/blocks.hpp"
#include "shared/mlp_parts.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;
using namespace varia::models;

struct MlpVaeParams final : MlpParams {
  Integer latent{this, "latent", 20, {1, 1 << 16}, "Dimensions of the code z."};
};

/// A Gaussian code between two stacks of fully connected layers.
class MlpVae final : public Model {
 public:
  using Params = MlpVaeParams;

  MlpVae(const Params& params, const Build& build)
      : latent_(params.latent()),
        encoder_(register_module("encoder",
                                 mlp_encoder(params, build.data.pixels(), 2 * params.latent()))),
        decoder_(register_module("decoder",
                                 std::make_shared<MlpDecoder>(params, build, params.latent()))) {}

  std::vector<Latent> latents() const override {
    return {gaussian_latent("z", latent_, decoder_->device())};
  }

  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    // One sample, so that everything behind has its K.
    const auto encoded = encoder_->forward(batch.images.flatten(1)).unsqueeze(0);
    return {gaussian_block("z", encoded, draw)};
  }

  DistributionPtr decode(const LatentValues& values) override {
    return decoder_->forward(values.at("z"));
  }

 private:
  std::int64_t latent_;
  std::shared_ptr<Mlp> encoder_;
  std::shared_ptr<MlpDecoder> decoder_;
};

}  // namespace

VARIA_PLUGIN("mlp_vae", "1.0.0") {
  registry.add<MlpVae>("mlp_vae",
                       "Gaussian code between fully connected layers (Kingma & Welling 2014).");
}
