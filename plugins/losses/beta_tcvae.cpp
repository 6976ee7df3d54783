#include <ATen/Functions.h>

#include "shared/inferred_codes.hpp"
#include "varia/aggregate_posterior.hpp"
#include "varia/device.hpp"
#include "varia/loss.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct BetaTcvaeParams final : ParamSet {
  Scheduled alpha{
      this, "alpha", 1.0, {0, 1e6}, "Weight of the mutual information of code and image."};
  Scheduled beta{this, "beta", 4.0, {0, 1e6}, "Weight of the code's total correlation."};
  Scheduled gamma{
      this, "gamma", 1.0, {0, 1e6}, "Weight of the dimensions' KL divergences from the prior."};
  Choice sampling{
      this,
      "sampling",
      "stratified",
      {"stratified", "weighted"},
      "How a batch stands for all N images in q(z): minibatch stratified sampling, whose "
      "terms are off by nats if the posteriors of a batch hardly overlap, or minibatch weighted "
      "sampling, whose terms are off by tens. The gradients of both still serve. The metric "
      "kl_parts measures the terms with all images, and says what of the total correlation "
      "independent codes have too."};
};

/// Reconstruction and the KL divergence in three parts, each with a weight of its own.
class BetaTcvae final : public Loss {
 public:
  using Params = BetaTcvaeParams;
  BetaTcvae(const Params& params, const Build& build) : params_(params) {
    losses::require_gaussian_codes(build, "beta_tcvae");
  }

  Terms evaluate(const Inference& inference, const Step& step) override {
    std::vector<Tensor> pairs;
    Tensor own, prior;  // [K, B] ln q(z | x) and ln p(z)
    for (const auto& block : inference.blocks) {
      if (!block.posterior || !block.prior) continue;
      pairs.push_back(pairwise_log_density(*block.posterior, block.value));
      const auto log_q = block.posterior->log_prob(block.value);
      const auto log_p = block.prior->log_prob(block.value);
      own = own.defined() ? own + log_q : log_q;
      prior = prior.defined() ? prior + log_p : log_p;
    }
    const auto aggregate = aggregate_posterior(at::cat(pairs, -1), log_weights(own, step));
    const auto joint = aggregate.joint.mean();
    const auto product = aggregate.marginals.sum(-1).mean();
    const auto mutual_information = own.mean() - joint;
    const auto total_correlation = joint - product;
    const auto dimension_wise_kl = product - prior.mean();
    return {reconstruction(inference) + params_.alpha() * mutual_information +
                params_.beta() * total_correlation + params_.gamma() * dimension_wise_kl,
            {{"mutual_information", mutual_information},
             {"total_correlation", total_correlation},
             {"dimension_wise_kl", dimension_wise_kl}}};
  }

 private:
  Tensor log_weights(const Tensor& own, const Step& step) const {
    const auto batch = own.size(1);
    if (params_.sampling.is("weighted"))
      return at::full({1, 1}, weighted_log_weight(batch, step.data_size), own.options());
    return to_device(stratified_log_weights(batch, step.data_size), own.device())
        .repeat({own.size(0), 1});
  }

  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("beta_tcvae", "1.0.0") {
  registry.add<BetaTcvae>("beta_tcvae",
                          "Mutual information, total correlation and dimension-wise KL divergence "
                          "weighted apart (Chen et al. 2018, equation 4).");
}
