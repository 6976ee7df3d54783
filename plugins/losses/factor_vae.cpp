#include <ATen/Functions.h>

#include "shared/inferred_codes.hpp"
#include "varia/build.hpp"
#include "varia/loss.hpp"
#include "varia/networks.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct FactorVaeParams final : ParamSet {
  Scheduled gamma{this, "gamma", 10.0, {0, 1e6}, "Weight of the code's total correlation."};
  IntegerList hidden{this,
                     "hidden",
                     {1000, 1000, 1000, 1000, 1000},
                     {1, 1 << 20},
                     "Widths of the discriminator's hidden layers."};
  Component<Optimizer> optimizer{this, "optimizer", "adam",
                                 "Of the discriminator; the paper has {use: adam, lr: 1e-4, beta1: "
                                 "0.5, beta2: 0.9}."};
};

/// The evidence lower bound and the code's total correlation, as a discriminator tells it: it
/// learns to tell codes from codes whose dimensions come from different images.
class FactorVae final : public Loss {
 public:
  using Params = FactorVaeParams;

  FactorVae(const Params& params, const Build& build)
      : params_(params), names_(losses::inferred_names(build, "factor_vae")) {
    // It gives ln of the odds that a code is one, ln q(z) / prod q(z_d).
    const auto sizes = layer_sizes(losses::inferred_size(*build.model), params.hidden(), 1);
    discriminator_ =
        register_module("discriminator", std::make_shared<Mlp>(sizes, "leaky_relu", false));
  }

  std::vector<Phase> phases(Model& model) override {
    return {{"train", model.parameters(), nullptr, false},
            {"discriminator", discriminator_->parameters(), &params_.optimizer, false}};
  }

  Terms evaluate(const Inference& inference, const Step& step) override {
    const auto codes = losses::side_by_side(inference, names_);
    if (step.phase == "discriminator")
      return {confusion(codes.detach(), step.batch.size(), step.draw), {}};
    const auto total_correlation = discriminator_->forward(codes).mean();
    return {reconstruction(inference) + total_kl(inference) + params_.gamma() * total_correlation,
            {{"total_correlation", total_correlation}}};
  }

 private:
  /// The discriminator's cross-entropy. One half of the batch gives the codes, the other the
  /// permuted ones, so that the two are independent.
  /// @param codes [K B, D], draw by draw
  /// @param size  B
  Tensor confusion(const Tensor& codes, std::int64_t size, Draw& draw) const {
    const auto half = size / 2;
    if (half == 0) return 0 * discriminator_->forward(codes).sum();
    const auto draws = codes.unflatten(0, {-1, size});  // [K, B, D]
    const auto other = draws.slice(1, half, 2 * half).flatten(0, 1);
    const auto order = draw.uniform(other.sizes()).argsort(std::int64_t{0});
    const auto permuted = other.gather(0, order);
    const auto of_codes = discriminator_->forward(draws.slice(1, 0, half).flatten(0, 1));
    const auto of_permuted = discriminator_->forward(permuted);
    return 0.5 * (at::softplus(-of_codes).mean() + at::softplus(of_permuted).mean());
  }

  const Params& params_;
  std::vector<std::string> names_;
  std::shared_ptr<Mlp> discriminator_;
};

}  // namespace

VARIA_PLUGIN("factor_vae", "1.0.0") {
  registry.add<FactorVae>("factor_vae",
                          "Evidence lower bound with the total correlation that a discriminator "
                          "tells (Kim & Mnih 2018, algorithm 2).");
}
