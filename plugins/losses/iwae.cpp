#include <ATen/Functions.h>

#include <cmath>

#include "varia/build.hpp"
#include "varia/error.hpp"
#include "varia/loss.hpp"
#include "varia/model.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct IwaeParams final : ParamSet {
  Integer groups{this,
                 "groups",
                 1,
                 {1, 1 << 20},
                 "M: the train.samples draws are M groups, and their bounds are averaged (MIWAE). "
                 "It divides train.samples."};
  Scheduled elbo{this,
                 "elbo",
                 0.0,
                 {0, 1},
                 "Share of the evidence lower bound in the objective (CIWAE): 0 is the "
                 "importance-weighted bound alone, 1 the evidence lower bound alone."};
};

/// The negative importance-weighted bound over K = train.samples draws.
class Iwae final : public Loss {
 public:
  using Params = IwaeParams;
  Iwae(const Params& params, const Build& build) : params_(params) {
    if (build.model != nullptr && build.model->bound() == "none")
      throw ConfigError("loss iwae: the model has no density to weigh its draws by.");
  }

  Terms evaluate(const Inference& inference, const Step&) override {
    const auto log_weight = inference.log_weight();  // [K, B]
    const auto samples = log_weight.size(0);
    // An evaluation draws once per image, so that the bound is the ELBO there.
    const auto groups = is_training() ? params_.groups() : 1;
    if (samples % groups != 0)
      throw ConfigError(params_.groups.where(), "loss iwae: groups: " + std::to_string(groups) +
                                                    " does not divide train.samples, which is " +
                                                    std::to_string(samples) + ".");
    const auto each = samples / groups;
    const auto bound = at::logsumexp(log_weight.unflatten(0, {groups, each}), 1).mean() -
                       std::log(static_cast<double>(each));
    if (params_.elbo.is_constant() && params_.elbo() == 0) return {-bound, {}};
    return {-(1 - params_.elbo()) * bound - params_.elbo() * log_weight.mean(),
            {{"importance_bound", bound}}};
  }

  Better better(std::string_view) const override { return Better::higher; }

 private:
  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("iwae", "1.0.0") {
  registry.add<Iwae>("iwae",
                     "Importance-weighted bound over train.samples draws (Burda et al. 2016), in "
                     "groups or mixed with the evidence lower bound (Rainforth et al. 2018).");
}
