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
class MlpVae final : public MlpModel {
 public:
  using Params = MlpVaeParams;

  MlpVae(const Params& params, const Build& build)
      : MlpModel(params, build, 2 * params.latent(), params.latent()), latent_(params.latent()) {}

  std::vector<Latent> latents() const override { return {gaussian_latent("z", latent_, device())}; }

  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    return {gaussian_block("z", encoded(batch), draw)};
  }

 private:
  std::int64_t latent_;
};

}  // namespace

VARIA_PLUGIN("mlp_vae", "1.0.0") {
  registry.add<MlpVae>("mlp_vae",
                       "Gaussian code between fully connected layers (Kingma & Welling 2014).");
}
