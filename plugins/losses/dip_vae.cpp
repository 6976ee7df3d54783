#include <ATen/Functions.h>

#include "shared/inferred_codes.hpp"
#include "varia/loss.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct DipVaeParams final : ParamSet {
  Choice form{this,
              "form",
              "i",
              {"i", "ii"},
              "Whose covariance is to be the identity: i, that of the posterior means; ii, that of "
              "the codes, which adds the mean posterior variance."};
  Scheduled off_diagonal{
      this, "off_diagonal", 10.0, {0, 1e9}, "Weight of the squared covariances of two dimensions."};
  Scheduled diagonal{this,
                     "diagonal",
                     kUnset,
                     {0, 1e9},
                     "Weight of the squared distances of the variances from 1. Unset, that of the "
                     "paper: 10 times off_diagonal for form i, and off_diagonal for form ii."};

  double diagonal_in_force() const {
    if (diagonal.has_value()) return diagonal();
    return form.is("i") ? 10 * off_diagonal() : off_diagonal();
  }
};

/// The evidence lower bound and what keeps the aggregate posterior's covariance at the identity.
class DipVae final : public Loss {
 public:
  using Params = DipVaeParams;
  DipVae(const Params& params, const Build& build) : params_(params) {
    losses::require_gaussian_codes(build, "dip_vae");
  }

  Terms evaluate(const Inference& inference, const Step&) override {
    std::vector<Tensor> means, variances;
    for (const auto& block : inference.blocks) {
      if (!block.posterior || !block.prior) continue;
      means.push_back(block.posterior->mean().mean(0).flatten(1));  // [B, D]
      variances.push_back(block.posterior->variance().mean(0).flatten(1));
    }
    const auto mean = at::cat(means, 1);
    if (mean.size(0) < 2) {  // one code has no covariance
      const auto none = 0 * mean.sum();
      return {reconstruction(inference) + total_kl(inference) + none,
              {{"squared_covariances", none}, {"variances_from_one", none}}};
    }
    const auto centred = mean - mean.mean(0, true);
    auto covariance = centred.t().matmul(centred) / static_cast<double>(mean.size(0));
    if (params_.form.is("ii")) covariance = covariance + at::cat(variances, 1).mean(0).diag();
    const auto diagonal = covariance.diagonal();
    const auto on = (diagonal - 1).square().sum();
    const auto off = (covariance - diagonal.diag()).square().sum();
    return {reconstruction(inference) + total_kl(inference) + params_.off_diagonal() * off +
                params_.diagonal_in_force() * on,
            {{"squared_covariances", off}, {"variances_from_one", on}}};
  }

  Better better(std::string_view) const override { return Better::lower; }

 private:
  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("dip_vae", "1.0.0") {
  registry.add<DipVae>("dip_vae",
                       "Evidence lower bound with the covariance of codes held at the identity, "
                       "DIP-VAE-I and II (Kumar et al. 2018).");
}
