#include <ATen/Functions.h>

#include "shared/blocks.hpp"
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
class FlowVae final : public MlpModel {
 public:
  using Params = FlowVaeParams;

  FlowVae(const Params& params, const Build& build)
      : MlpModel(
            params, build,
            2 * params.latent() + PlanarFlow::parameter_count(params.latent()) * params.flows(),
            params.latent()),
        latent_(params.latent()),
        flows_(params.flows()) {}

  std::vector<Latent> latents() const override {
    return {{"z", std::string(PlanarFlow::kFamily), {latent_}, Normal::unit({latent_}, device())}};
  }

  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    const auto numbers = encoded(batch);
    const auto posterior =
        std::make_shared<PlanarFlow>(*normal_of(numbers.slice(-1, 0, 2 * latent_)),
                                     numbers.slice(-1, 2 * latent_).chunk(flows_, -1));
    return {drawn_block("z", posterior, Normal::unit({latent_}, numbers.device()), draw)};
  }

 private:
  std::int64_t latent_;
  std::int64_t flows_;
};

}  // namespace

VARIA_PLUGIN("flow_vae", "1.0.0") {
  registry.add<FlowVae>("flow_vae",
                        "Code whose posterior is a Gaussian moved by planar normalising flows "
                        "(Rezende & Mohamed 2015).");
}
