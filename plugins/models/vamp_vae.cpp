#include <ATen/Functions.h>

#include "shared/blocks.hpp"
#include "shared/mlp_parts.hpp"
#include "varia/error.hpp"
#include "varia/normal_mixture.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;
using namespace varia::models;

struct VampVaeParams final : MlpParams {
  Integer latent{this, "latent", 20, {1, 1 << 16}, "Dimensions of the code z."};
  Integer pseudo_inputs{this,
                        "pseudo_inputs",
                        100,
                        {1, 1 << 16},
                        "Samples that are learned, whose posteriors make up the prior; each costs "
                        "a step as much as a sample of the batch costs the encoder."};
};

/// Samples drawn from the training split, [count, D...].
Batch some_samples(const Build& build, std::int64_t count) {
  const auto& train = *build.train;
  Draw draw(static_cast<std::uint64_t>(at::randint(1 << 30, {1}, at::kLong).item<std::int64_t>()));
  return train.batch(at::randint(train.size(), {count}, at::kLong), draw);
}

/// A Gaussian code whose prior is the mean of the posteriors of learned pseudo-inputs, a
/// variational mixture of posteriors.
class VampVae final : public MlpModel {
 public:
  using Params = VampVaeParams;

  VampVae(const Params& params, const Build& build)
      : MlpModel(params, build, 2 * params.latent(), params.latent()),
        latent_(params.latent()),
        pseudo_inputs_(register_parameter(
            "pseudo_inputs", input_(some_samples(build, params.pseudo_inputs())).clone())) {
    const auto& normalisation = params.layers().normalisation;
    if (normalisation.is("batch"))
      throw ConfigError(normalisation.where(),
                        "model vamp_vae: layers: normalisation: expected none or layer: by batch, "
                        "posteriors and prior would be of two encoders, since pseudo-inputs have "
                        "other statistics than the data");
  }

  std::vector<Latent> latents() const override {
    return {{"z", std::string(Normal::kFamily), {latent_}, prior()}};
  }

  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    // Before the prior: gradients are added in the order of the passes.
    const auto posterior = normal_of(encoded(batch));
    return {drawn_block("z", posterior, prior(), draw)};
  }

 private:
  DistributionPtr prior() const {
    const auto halves = encoder_->forward(input_.nearest_valid(pseudo_inputs_)).chunk(2, -1);
    return std::make_shared<NormalMixture>(halves[0], halves[1]);
  }

  std::int64_t latent_;
  // [M, D], what the encoder sees: a step moves the logarithm of a count by as much as a pixel.
  Tensor pseudo_inputs_;
};

}  // namespace

VARIA_PLUGIN("vamp_vae", "1.0.0") {
  registry.add<VampVae>("vamp_vae",
                        "Gaussian code whose prior is a mixture of the posteriors of learned "
                        "pseudo-inputs (Tomczak & Welling 2018).");
}
