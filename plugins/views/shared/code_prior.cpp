#include "code_prior.hpp"

#include <limits>

#include "decoded_images.hpp"

namespace varia::views {

CodePriorParams::CodePriorParams()
    : prior(this, "prior", kUnset,
            "A density that is fitted to codes of training images and drawn from instead of the "
            "model's prior (Ghosh et al. 2020)."),
      fit_images(this, "fit_images", 10'000, {2, std::numeric_limits<std::int64_t>::max()},
                 "How many training images' codes the density is fitted to: a random subset, the "
                 "same for every trial and experiment.") {}

bool CodePriorParams::in_force(const Parameter& parameter) const {
  return prior.has_value() || (&parameter != &fit_images && &parameter != &blocks);
}

CodePrior::CodePrior(const CodePriorParams& params, const Build& build, bool sampled,
                     const std::string& subject)
    : params_(params), options_{params.blocks(), sampled} {
  if (!params.prior.has_value()) {
    require_prior(build, subject);
    return;
  }
  // The prior gives what the code leaves out.
  require_prior(build, subject, params.latents_of(*build.model));
  density_ = params.prior.make(build);
}

void CodePrior::fit(const Evaluation& evaluation) const {
  if (!density_) return;
  const auto codes = encode_split(evaluation.model, evaluation.train, params_.fit_images(),
                                  options_, evaluation.draw);
  density_->fit(codes.points, evaluation.draw);
}

LatentValues CodePrior::draw(const Evaluation& evaluation, std::int64_t n) const {
  if (!density_) return evaluation.model.sample_prior(n, {}, evaluation.draw);
  return values_of(evaluation.model, density_->sample(n, evaluation.draw), options_,
                   evaluation.draw);
}

}  // namespace varia::views
