#include "shared/blocks.hpp"
#include "shared/conv_model.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;
using namespace varia::models;

/// A Gaussian code between convolutions and transposed convolutions.
class ConvVae final : public ConvModel {
 public:
  using Params = ConvModelParams;

  ConvVae(const Params& params, const Build& build)
      : ConvModel(params, build, "conv_vae", 2 * params.latent()) {}

  std::vector<Latent> latents() const override {
    return {gaussian_latent("z", latent(), device())};
  }

  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    return {gaussian_block("z", encoded(batch), draw)};
  }
};

}  // namespace

VARIA_PLUGIN("conv_vae", "1.0.0") {
  registry.add<ConvVae>(
      "conv_vae",
      "Gaussian code between convolutions, layer by layer as given (Burgess et al. 2018).");
}
