#include <ATen/Functions.h>

#include "shared/blocks.hpp"
#include "shared/inverse_autoregressive_flow.hpp"
#include "shared/mlp_parts.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;
using namespace varia::models;

struct IafVaeParams final : MlpParams {
  Integer latent{this, "latent", 20, {1, 1 << 16}, "Dimensions of the code z."};
  Integer steps{this, "steps", 4, {1, 1000}, "Steps of the flow that a draw goes through."};
  IntegerList step_hidden{this,
                          "step_hidden",
                          {320},
                          {1, 1 << 20},
                          "Widths of the hidden layers of each step's network."};
  Integer context{this, "context", 64, {1, 1 << 16}, "Numbers that the encoder tells all steps."};

 protected:
  void check() const override {
    if (step_hidden().empty()) fail(step_hidden, "expected at least one width, found none");
  }
};

/// A code whose posterior is a Gaussian moved by inverse autoregressive steps.
class IafVae final : public MlpModel {
 public:
  using Params = IafVaeParams;

  IafVae(const Params& params, const Build& build)
      : MlpModel(params, build, 2 * params.latent() + params.context(), params.latent()),
        latent_(params.latent()) {
    // A part of the encoder by its name, too: it is the posterior's.
    for (std::int64_t i = 0; i < params.steps(); ++i)
      steps_.push_back(register_module("encoder_step" + std::to_string(i),
                                       std::make_shared<AutoregressiveNetwork>(
                                           latent_, 2, params.step_hidden(), params.context())));
  }

  std::vector<Latent> latents() const override {
    return {{"z",
             std::string(InverseAutoregressiveFlow::kFamily),
             {latent_},
             Normal::unit({latent_}, device())}};
  }

  std::vector<Block> encode(const Batch& batch, Draw& draw) override {
    const auto numbers = encoded(batch);
    const auto posterior = std::make_shared<InverseAutoregressiveFlow>(
        *normal_of(numbers.slice(-1, 0, 2 * latent_)), numbers.slice(-1, 2 * latent_), steps_);
    return {drawn_block("z", posterior, Normal::unit({latent_}, numbers.device()), draw)};
  }

 private:
  std::int64_t latent_;
  InverseAutoregressiveFlow::Networks steps_;
};

}  // namespace

VARIA_PLUGIN("iaf_vae", "1.0.0") {
  registry.add<IafVae>("iaf_vae",
                       "Code whose posterior is a Gaussian moved by inverse autoregressive flows "
                       "(Kingma et al. 2016).");
}
