#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>

#include "varia/build.hpp"
#include "varia/distributions.hpp"
#include "varia/error.hpp"
#include "varia/loss.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct JointCapacityParams final : ParamSet {
  ScheduledMap capacity{
      this,
      "capacity",
      {0, 1e6},
      "C of every block in nats per sample, by the block's name. That of a categorical block "
      "counts up to ln K, which its KL divergence from a uniform prior cannot exceed. A block that "
      "is not named has C = 0."};
  Scheduled gamma{this, "gamma", 30.0, {0, 1e6}, "Weight of every |KL - C|."};
};

/// Reconstruction and, for every block, gamma |KL - C|.
class JointCapacity final : public Loss {
 public:
  using Params = JointCapacityParams;

  JointCapacity(const Params& params, const Build& build) : params_(params) {
    if (build.model == nullptr) return;
    std::vector<std::string> names;
    for (const auto& latent : build.model->latents()) {
      if (latent.observed) continue;
      names.push_back(latent.name);
      if (latent.family == Categorical::kFamily)
        ceilings_[latent.name] = std::log(static_cast<double>(latent.event.at(0)));
    }
    for (const auto& capacity : params.capacity())
      if (std::find(names.begin(), names.end(), capacity->name()) == names.end())
        throw ConfigError(capacity->where(), "loss joint_capacity: capacity: '" + capacity->name() +
                                                 "' is not a latent variable of the model. " +
                                                 suggestion(capacity->name(), names));
  }

  Terms evaluate(const Inference& inference, const Step&) override {
    Terms terms;
    terms.objective = reconstruction(inference);
    for (std::size_t i = 0; i < inference.blocks.size(); ++i) {
      const auto& name = inference.blocks[i].name;
      if (!inference.kl(i).defined()) {
        if (const auto* capacity = params_.capacity.find(name))
          throw ConfigError(capacity->where(), "loss joint_capacity: capacity: '" + name +
                                                   "' has no KL divergence that could be held at "
                                                   "a capacity");
        continue;
      }
      const double capacity = capacity_of(name);
      terms.objective =
          terms.objective + params_.gamma() * (inference.kl_per_sample(i).mean() - capacity).abs();
      terms.recorded.push_back({"capacity_" + name, at::scalar_tensor(capacity)});
    }
    return terms;
  }

 private:
  double capacity_of(const std::string& block) const {
    const auto* given = params_.capacity.find(block);
    const double capacity = given == nullptr ? 0 : (*given)();
    const auto ceiling = ceilings_.find(block);
    return ceiling == ceilings_.end() ? capacity : std::min(capacity, ceiling->second);
  }

  const Params& params_;
  std::map<std::string, double> ceilings_;
};

}  // namespace

VARIA_PLUGIN("joint_capacity", "1.0.0") {
  registry.add<JointCapacity>("joint_capacity",
                              "Reconstruction with the KL divergence of every block held at a "
                              "capacity of its own (Dupont 2018, equation 7).");
}
