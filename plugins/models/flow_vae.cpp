#include <ATen/Functions.h>

#include "shared/mlp_parts.hpp"
#include "shared/planar_flow.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;
using namespace varia::models;

struct FlowVaeParams final : MlpParams {
  Integer latent{this, "latent", 20, {1, 1 << 16}, "Dimensions of the code z."};
  Integer flows{this, "flows", 8, {1, 1000}, "Planar maps that a draw goes through."};
};

/// A code whose posterior is a Gaussian moved by planar maps that the encoder chooses.
class FlowVae final : public Model {
 public:
  using Params = FlowVaeParams;

  FlowVae(const Params& params, const Build& build)
      : latent_(params.latent()),
        flows_(params.flows()),
        encoder_(register_module(
            "encoder", mlp_encoder(params, build.data.pixels(),
                                   2 * latent_ + PlanarFlow::parameter_count(latent_) * flows_))),
        decoder_(register_module("decoder", std::make_shared<MlpDecoder>(params, build, latent_))) {
  }

  std::vector<Latent> latents() const override {
    return {{"z",
             std::string(PlanarFlow::kFamily),
             {latent_},
             Normal::unit({latent_}, decoder_->device())}};
  }

  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    const auto encoded = encoder_->forward(batch.images.flatten(1)).unsqueeze(0);
    const auto base = encoded.slice(-1, 0, 2 * latent_).chunk(2, -1);
    const auto posterior = std::make_shared<PlanarFlow>(
        Normal(base[0], base[1]), encoded.slice(-1, 2 * latent_).chunk(flows_, -1));
    auto drawn = posterior->rsample(draw);
    return {{"z", posterior, Normal::unit({latent_}, encoded.device()), std::move(drawn.value),
             std::move(drawn.log_q)}};
  }

  DistributionPtr decode(const LatentValues& values) override {
    return decoder_->forward(values.at("z"));
  }

 private:
  std::int64_t latent_;
  std::int64_t flows_;
  std::shared_ptr<Mlp> encoder_;
  std::shared_ptr<MlpDecoder> decoder_;
};

}  // namespace

VARIA_PLUGIN("flow_vae", "1.0.0") {
  registry.add<FlowVae>("flow_vae",
                        "Code whose posterior is a Gaussian moved by planar normalising flows "
                        "(Rezende & Mohamed 2015).");
}
