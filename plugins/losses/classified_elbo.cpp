#include <ATen/Functions.h>

#include <algorithm>

#include "varia/build.hpp"
#include "varia/distributions.hpp"
#include "varia/error.hpp"
#include "varia/loss.hpp"
#include "varia/networks.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct ClassifiedElboParams final : ParamSet {
  Scheduled beta{this, "beta", 1.0, {0, 1e6}, "Weight of the KL divergence."};
  Scheduled classification{
      this, "classification", 10.0, {0, 1e6}, "Weight of the cross-entropy with the label."};
  Text block{this, "block", "c", "The categorical block that is to predict the label."};
};

/// The negative evidence lower bound and a cross-entropy that teaches a categorical block the
/// label.
class ClassifiedElbo final : public Loss {
 public:
  using Params = ClassifiedElboParams;

  ClassifiedElbo(const Params& params, const Build& build) : params_(params) {
    if (build.model == nullptr) return;
    std::vector<std::string> names;
    for (const auto& latent : build.model->latents())
      if (!latent.observed && latent.family == Categorical::kFamily &&
          latent.event.at(0) >= build.data.classes)
        names.push_back(latent.name);
    if (std::find(names.begin(), names.end(), params.block()) == names.end())
      throw ConfigError(params.block.where(),
                        "loss classified_elbo: the model has no categorical block '" +
                            params.block() + "' with a category for each of the data's " +
                            std::to_string(build.data.classes) + " classes. " +
                            suggestion(params.block(), names));
    if (build.data.classes == 0)
      throw ConfigError("loss classified_elbo needs labels, and this data has none.");
  }

  Terms evaluate(const Inference& inference, const Step& step) override {
    const auto& block = inference.blocks.at(inference.block_index(params_.block()));
    const auto categories = block.value.size(-1);
    const auto cross_entropy =
        -block.posterior->log_prob(one_hot_rows(labels_of(step.batch), categories).unsqueeze(0))
             .mean();
    return {reconstruction(inference) + params_.beta() * total_kl(inference) +
                params_.classification() * cross_entropy,
            {{"classification", cross_entropy}}};
  }

  Better better(std::string_view) const override { return Better::lower; }

 private:
  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("classified_elbo", "1.0.0") {
  registry.add<ClassifiedElbo>("classified_elbo",
                               "Evidence lower bound with a cross-entropy that teaches a "
                               "categorical block the label (Kingma et al. 2014).");
}
