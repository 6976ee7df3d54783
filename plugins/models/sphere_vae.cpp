#include <ATen/Functions.h>

#include "shared/mlp_parts.hpp"
#include "shared/von_mises_fisher.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;
using namespace varia::models;

struct SphereVaeParams final : MlpParams {
  Integer latent{this,
                 "latent",
                 10,
                 {2, 1 << 16},
                 "Dimensions that the sphere lies in; itself it has one less."};
};

/// A code on the unit sphere, with a uniform prior.
class SphereVae final : public Model {
 public:
  using Params = SphereVaeParams;

  SphereVae(const Params& params, const Build& build)
      : latent_(params.latent()),
        encoder_(register_module("encoder", mlp_encoder(params, build.data.pixels(), latent_ + 1))),
        decoder_(register_module("decoder", std::make_shared<MlpDecoder>(params, build, latent_))) {
  }

  std::vector<Latent> latents() const override {
    return {{"z", std::string(VonMisesFisher::kFamily), {latent_}, prior()}};
  }

  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    const auto encoded = encoder_->forward(batch.images.flatten(1)).unsqueeze(0);
    const auto direction = encoded.slice(-1, 0, latent_);
    // Not below 1, as in the paper's experiments: a uniform posterior has no direction to learn.
    const auto posterior =
        std::make_shared<VonMisesFisher>(direction / direction.norm(2, -1, true).clamp_min(1e-12),
                                         1 + at::softplus(encoded.slice(-1, latent_)));
    return {{"z", posterior, prior(), posterior->rsample(draw).value, {}}};
  }

  DistributionPtr decode(const LatentValues& values) override {
    return decoder_->forward(values.at("z"));
  }

 private:
  DistributionPtr prior() const {
    return std::make_shared<UniformSphere>(latent_, decoder_->device());
  }

  std::int64_t latent_;
  std::shared_ptr<Mlp> encoder_;
  std::shared_ptr<MlpDecoder> decoder_;
};

}  // namespace

VARIA_PLUGIN("sphere_vae", "1.0.0") {
  registry.add<SphereVae>(
      "sphere_vae",
      "Code on the unit sphere, with a von Mises-Fisher posterior and a uniform "
      "prior (Davidson et al. 2018).");
}
