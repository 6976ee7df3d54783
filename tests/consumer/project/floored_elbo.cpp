#include "varia/loss.hpp"
#include "varia/plugin.hpp"

using namespace varia;

namespace {

struct FlooredElboParams final : ParamSet {
  Real floor{this, "floor", 0.5, {0, 1000}, "Nats of KL divergence that cost nothing."};
};

class FlooredElbo final : public Loss {
 public:
  using Params = FlooredElboParams;
  explicit FlooredElbo(const Params& params) : params_(params) {}
  Terms evaluate(const Inference& inference, const Step&) override {
    const auto paid = total_kl(inference).clamp_min(params_.floor());
    return {reconstruction(inference) + paid, {{"paid_kl", paid}}};
  }
  Better better(std::string_view) const override { return Better::lower; }

 private:
  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("floored_elbo", "1.0.0") {
  registry.add<FlooredElbo>("floored_elbo", "ELBO with a floor under the KL (Kingma et al. 2016).");
}
