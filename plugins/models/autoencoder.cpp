#include "shared/blocks.hpp"
#include "shared/conv_model.hpp"
#include "shared/mlp_parts.hpp"
#include "varia/plugin.hpp"

// Autoencoders: the code follows from the image. Their density is fitted afterwards; losses that
// weigh the code against N(0, I) draw from it.

namespace {

using namespace varia;
using namespace varia::models;

Latent point_latent(std::int64_t size, torch::Device device) {
  return {"z", Latent::kPoint, {size}, Normal::unit({size}, device)};
}

/// @param encoded [1, B, D]
Block point_block(const Tensor& encoded, const Draw& draw) {
  return {"z", nullptr, nullptr, encoded.expand({draw.samples(), -1, -1}), {}};
}

struct MlpAutoencoderParams final : MlpParams {
  Integer latent{this, "latent", 20, {1, 1 << 16}, "Dimensions of the code z."};
};

class MlpAutoencoder final : public MlpModel {
 public:
  using Params = MlpAutoencoderParams;

  MlpAutoencoder(const Params& params, const Build& build)
      : MlpModel(params, build, params.latent(), params.latent()), latent_(params.latent()) {}

  std::vector<Latent> latents() const override { return {point_latent(latent_, device())}; }
  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    return {point_block(encoded(batch), draw)};
  }
  std::string_view bound() const override { return "none"; }

 private:
  std::int64_t latent_;
};

class ConvAutoencoder final : public ConvModel {
 public:
  using Params = ConvModelParams;

  ConvAutoencoder(const Params& params, const Build& build)
      : ConvModel(params, build, "conv_autoencoder", params.latent()) {}

  std::vector<Latent> latents() const override { return {point_latent(latent(), device())}; }
  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    return {point_block(encoded(batch), draw)};
  }
  std::string_view bound() const override { return "none"; }
};

}  // namespace

VARIA_PLUGIN("autoencoder", "1.0.0") {
  registry.add<MlpAutoencoder>("mlp_autoencoder",
                               "A code without noise between fully connected layers (Hinton & "
                               "Salakhutdinov 2006).");
  registry.add<ConvAutoencoder>("conv_autoencoder",
                                "A code without noise between convolutions, layer by layer as "
                                "given (Masci et al. 2011).");
}
