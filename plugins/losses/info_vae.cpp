#include <ATen/Functions.h>

#include "shared/inferred_codes.hpp"
#include "varia/loss.hpp"
#include "varia/mean_discrepancy.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

/// The maximum mean discrepancy of codes and draws from the prior.
struct DiscrepancyParams : ParamSet {
  Choice kernel{this,
                "kernel",
                "imq",
                {"imq", "rbf"},
                "Inverse multiquadric C / (C + s) or radial basis function exp(-s / C) of the "
                "squared distance s."};
  RealList scales{
      this,
      "scales",
      {0.1, 0.2, 0.5, 1, 2, 5, 10},
      {1e-6, 1e6},
      "A kernel for each, added up: C is the scale times 2 D, the mean squared distance "
      "of two draws from N(0, I) in D dimensions."};
  Boolean unbiased{this, "unbiased", true,
                   "Without the pairs of a code and itself; then single values may be negative."};

 protected:
  void check() const override {
    if (scales().empty()) fail(scales, "expected at least one scale, found an empty list");
  }
};

struct InfoVaeParams final : DiscrepancyParams {
  Scheduled alpha{
      this,
      "alpha",
      0.0,
      {-1e6, 1},
      "1 - alpha is the weight of the KL divergence: 0 keeps it, 1 drops it (MMD-VAE)."};
  Scheduled lambda{this,
                   "lambda",
                   1000.0,
                   {0, 1e9},
                   "alpha + lambda - 1 is the weight of the discrepancy, which has no unit."};
};

struct WaeMmdParams final : DiscrepancyParams {
  Scheduled lambda{this, "lambda", 10.0, {0, 1e9}, "Weight of the discrepancy, which has no unit."};
};

/// What both losses measure: the codes of a batch, one of each image, against as many draws from
/// the prior; of several draws of each image, the mean over these. The codes of one image are
/// alike, and pairs of them would make the discrepancy too large. A batch of one image has no
/// pairs: it has no unbiased discrepancy, and adds 0.
class Discrepancy {
 public:
  Discrepancy(const DiscrepancyParams& params, const Build& build, const std::string& loss)
      : params_(params), model_(*build.model), names_(losses::inferred_names(build, loss)) {}

  Tensor operator()(const Inference& inference, const Step& step) const {
    const auto codes = losses::side_by_side(inference, names_);  // [K B, D], draw by draw
    const auto prior =
        losses::side_by_side(model_.sample_prior(codes.size(0), {}, step.draw), names_);
    auto scales = params_.scales();
    for (auto& scale : scales) scale *= 2 * static_cast<double>(codes.size(1));
    const auto kernel =
        params_.kernel.is("rbf") ? DiscrepancyKernel::rbf : DiscrepancyKernel::inverse_multiquadric;
    const auto images = inference.target().size(0);
    if (params_.unbiased() && images < 2) return 0 * codes.sum();
    const auto codes_of_draws = codes.split(images), priors = prior.split(images);
    std::vector<Tensor> found;
    for (std::size_t k = 0; k < codes_of_draws.size(); ++k)
      found.push_back(squared_mean_discrepancy(codes_of_draws[k], priors[k], kernel, scales,
                                               params_.unbiased()));
    return at::stack(found).mean();
  }

 private:
  const DiscrepancyParams& params_;
  Model& model_;
  std::vector<std::string> names_;
};

class InfoVae final : public Loss {
 public:
  using Params = InfoVaeParams;
  InfoVae(const Params& params, const Build& build)
      : params_(params), discrepancy_(params, build, "info_vae") {}

  Terms evaluate(const Inference& inference, const Step& step) override {
    const auto discrepancy = discrepancy_(inference, step);
    auto objective =
        reconstruction(inference) + (params_.alpha() + params_.lambda() - 1) * discrepancy;
    if (params_.alpha() != 1) objective = objective + (1 - params_.alpha()) * total_kl(inference);
    return {objective, {{"discrepancy", discrepancy}}};
  }

  Better better(std::string_view) const override { return Better::lower; }

 private:
  const Params& params_;
  Discrepancy discrepancy_;
};

class WaeMmd final : public Loss {
 public:
  using Params = WaeMmdParams;
  WaeMmd(const Params& params, const Build& build)
      : params_(params), discrepancy_(params, build, "wae_mmd") {}

  Terms evaluate(const Inference& inference, const Step& step) override {
    const auto discrepancy = discrepancy_(inference, step);
    return {reconstruction(inference) + params_.lambda() * discrepancy,
            {{"discrepancy", discrepancy}}};
  }

  Better better(std::string_view) const override { return Better::lower; }

 private:
  const Params& params_;
  Discrepancy discrepancy_;
};

}  // namespace

VARIA_PLUGIN("info_vae", "1.0.0") {
  registry.add<InfoVae>("info_vae",
                        "Evidence lower bound with the maximum mean discrepancy of codes and prior "
                        "(Zhao et al. 2019, equation 6).");
  registry.add<WaeMmd>("wae_mmd",
                       "Wasserstein autoencoder: reconstruction and the maximum mean discrepancy "
                       "of codes and prior (Tolstikhin et al. 2018, algorithm 2).");
}
