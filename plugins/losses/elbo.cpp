#include <ATen/Functions.h>

#include "varia/error_list.hpp"
#include "varia/loss.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct ElboParams final : ParamSet {
  Scheduled beta{this, "beta", 1.0, {0, 1e6}, "Weight of the KL divergence (Higgins et al. 2017)."};
  Scheduled capacity{
      this,
      "capacity",
      kUnset,
      {0, 1e6},
      "C in nats per sample: the loss is reconstruction + gamma |KL - C| (Burgess et "
      "al. 2018). Replaces beta."};
  Scheduled gamma{this, "gamma", kUnset, {0, 1e6}, "Weight of |KL - C|; goes with capacity."};

 protected:
  void check() const override {
    ErrorList errors;
    errors.collect([&] {
      if (capacity.has_value() && beta.given())
        fail(beta, "beta and capacity exclude each other: with capacity, gamma is the weight");
    });
    errors.collect([&] {
      if (capacity.has_value() && !gamma.has_value())
        fail(capacity,
             "capacity needs gamma, the weight of |KL - C| (Burgess et al. use 100 to 1000)");
      if (gamma.has_value() && !capacity.has_value())
        fail(gamma, "gamma weighs |KL - C| and needs capacity; the weight of the KL alone is beta");
    });
    errors.raise();
  }
  bool in_force(const Parameter& parameter) const override {
    return &parameter != &beta || !capacity.has_value();
  }
};

/// The negative evidence lower bound with a weighted KL divergence, or with a KL divergence that is
/// held at a capacity.
class Elbo final : public Loss {
 public:
  using Params = ElboParams;
  explicit Elbo(const Params& params) : params_(params) {}

  Terms evaluate(const Inference& inference, const Step&) override {
    const auto distortion = reconstruction(inference);
    const auto kl = total_kl(inference);
    if (!params_.capacity.has_value()) return {at::add(distortion, kl, params_.beta()), {}};
    return {distortion + params_.gamma() * (kl - params_.capacity()).abs(), {}};
  }

 private:
  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("elbo", "1.0.0") {
  registry.add<Elbo>(
      "elbo",
      "Evidence lower bound (Kingma & Welling 2014), weighted by beta (Higgins et al. "
      "2017) or held at a capacity (Burgess et al. 2018).");
}
