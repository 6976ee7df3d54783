#include <ATen/Functions.h>

#include "shared/inferred_codes.hpp"
#include "varia/build.hpp"
#include "varia/loss.hpp"
#include "varia/networks.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct AaeParams final : ParamSet {
  Scheduled lambda{this,
                   "lambda",
                   10.0,
                   {0, 1e9},
                   "Weight of the encoder's part in the game, against nats of reconstruction."};
  IntegerList hidden{
      this, "hidden", {1000, 1000}, {1, 1 << 20}, "Widths of the discriminator's hidden layers."};
  Component<Optimizer> optimizer{this, "optimizer", "adam", "Of the discriminator."};
};

/// Reconstruction, and a game in place of the KL divergence: a discriminator learns to tell codes
/// from draws of the prior, and the encoder to make codes that it takes for such draws.
class Aae final : public Loss {
 public:
  using Params = AaeParams;

  Aae(const Params& params, const Build& build)
      : params_(params), model_(*build.model), names_(losses::inferred_names(build, "aae")) {
    // It gives ln of the odds that a point is of the prior.
    const auto sizes = layer_sizes(losses::inferred_size(*build.model), params.hidden(), 1);
    discriminator_ = register_module("discriminator", std::make_shared<Mlp>(sizes, "relu", false));
  }

  std::vector<Phase> phases(Model& model) override {
    return {{"train", model.parameters(), nullptr, false},
            {"discriminator", discriminator_->parameters(), &params_.optimizer, false}};
  }

  Terms evaluate(const Inference& inference, const Step& step) override {
    const auto codes = losses::side_by_side(inference, names_);
    if (step.phase == "discriminator") return {confusion(codes.detach(), step.draw), {}};
    // It does not saturate if the discriminator knows all codes (Goodfellow et al. 2014).
    const auto surprise = at::softplus(-discriminator_->forward(codes)).mean();
    return {reconstruction(inference) + params_.lambda() * surprise, {{"surprise", surprise}}};
  }

 private:
  /// The discriminator's cross-entropy over codes and as many draws from the prior.
  Tensor confusion(const Tensor& codes, Draw& draw) const {
    const auto prior = losses::side_by_side(model_.sample_prior(codes.size(0), {}, draw), names_);
    return 0.5 * (at::softplus(-discriminator_->forward(prior)).mean() +
                  at::softplus(discriminator_->forward(codes)).mean());
  }

  const Params& params_;
  Model& model_;
  std::vector<std::string> names_;
  std::shared_ptr<Mlp> discriminator_;
};

}  // namespace

VARIA_PLUGIN("aae", "1.0.0") {
  registry.add<Aae>(
      "aae",
      "Adversarial autoencoder: reconstruction, and codes that a discriminator cannot "
      "tell from the prior (Makhzani et al. 2016).");
}
