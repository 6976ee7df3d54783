#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "gaussian_correlation.hpp"
#include "varia/aggregate_posterior.hpp"
#include "varia/build.hpp"
#include "varia/distributions.hpp"
#include "varia/error.hpp"
#include "varia/metric.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct KlPartsParams final : ParamSet {
  Integer images{this,
                 "images",
                 10'000,
                 {2, std::numeric_limits<std::int64_t>::max()},
                 "How many images' posteriors make up q(z): a random subset of the split, the same "
                 "for every trial and experiment; all if the split has no more. The mutual "
                 "information with them cannot exceed ln of their number."};
  Integer draws{
      this,
      "draws",
      1000,
      {1, std::numeric_limits<std::int64_t>::max()},
      "How many of these images, chosen at random, give a draw at which q(z) is evaluated."};
};

constexpr std::int64_t kBatch = 500;        // images at once
constexpr std::int64_t kDrawsAtOnce = 100;  // with a batch of posteriors, what the cache holds

/// ln q(z_i | x_j) of some images' latent variables, [n, B, D].
/// @param draws of all blocks side by side, [n, D]
Tensor log_densities(const std::vector<Block>& blocks, const Tensor& draws) {
  std::vector<Tensor> parts;
  std::int64_t begin = 0;
  for (const auto& block : blocks) {
    const auto width = block.value.size(-1);
    parts.push_back(
        pairwise_log_density(*block.posterior, draws.slice(1, begin, begin + width).unsqueeze(0)));
    begin += width;
  }
  return at::cat(parts, -1);
}

class KlParts final : public Metric {
 public:
  using Params = KlPartsParams;
  static constexpr std::int64_t kEvery = kAfterLast;
  KlParts(const Params& params, const Build& build) : params_(params) {
    if (build.model == nullptr) return;
    for (const auto& latent : build.model->latents())
      if (!latent.observed && (latent.family != Normal::kFamily || !latent.prior))
        throw ConfigError(
            "metric kl_parts needs a model whose codes are Gaussian, each with a prior of its "
            "own; '" +
            latent.name + "' is not.");
  }

  std::string units(std::string_view) const override { return "nats"; }
  Better better(std::string_view value) const override {
    return value.ends_with("total_correlation") ? Better::lower : Better::neither;
  }

  Values result(const Evaluation& evaluation) override {
    const auto& split = evaluation.split;
    const auto places = random_places(split.size(), params_.images(), "images of metric kl_parts");
    const auto count = places.size(0);
    std::vector<std::vector<Block>> batches;
    std::vector<Tensor> values, own, prior;
    for (const auto& part : places.split(kBatch)) {
      auto blocks = evaluation.model.encode(split.batch(part, evaluation.draw), evaluation.draw);
      std::erase_if(blocks, [](const Block& block) { return !block.posterior; });
      std::vector<Tensor> parts;
      auto log_q = at::zeros(part.sizes()), log_p = at::zeros(part.sizes());
      for (const auto& block : blocks) {
        parts.push_back(block.value[0]);
        log_q = log_q + block.posterior->log_prob(block.value)[0].cpu();
        log_p = log_p + block.prior->log_prob(block.value)[0].cpu();
      }
      values.push_back(at::cat(parts, -1));
      own.push_back(log_q);
      prior.push_back(log_p);
      batches.push_back(std::move(blocks));
    }
    const auto chosen = random_places(count, params_.draws(), "draws of metric kl_parts");
    const auto all = at::cat(values);
    const auto aggregate =
        aggregate_at(all.index_select(0, chosen.to(all.device())), batches, count);
    const auto mean = [&chosen](const std::vector<Tensor>& parts) {
      return at::cat(parts).index_select(0, chosen).to(at::kDouble).mean();
    };
    const auto joint = aggregate.joint.mean();
    const auto product = aggregate.marginals.sum(-1).mean();
    return {{"kl_parts_mutual_information", mean(own) - joint},
            {"kl_parts_total_correlation", joint - product},
            {"kl_parts_dimension_wise", product - mean(prior)},
            {"kl_parts_gaussian_total_correlation",
             metrics::gaussian_total_correlation(metrics::covariance(all))}};
  }

 private:
  /// float64, from parts of the draws against parts of the posteriors.
  static AggregatePosterior aggregate_at(const Tensor& draws,
                                         const std::vector<std::vector<Block>>& batches,
                                         std::int64_t count) {
    std::vector<Tensor> joints, marginals;
    const auto no_weight = at::zeros({1, 1}, draws.options());
    for (std::int64_t begin = 0; begin < draws.size(0); begin += kDrawsAtOnce) {
      std::vector<Tensor> joint, marginal;
      for (const auto& batch : batches) {
        const auto part = aggregate_posterior(
            log_densities(batch, draws.slice(0, begin, begin + kDrawsAtOnce)), no_weight);
        joint.push_back(part.joint.to(at::kCPU, at::kDouble));
        marginal.push_back(part.marginals.to(at::kCPU, at::kDouble));
      }
      joints.push_back(at::logsumexp(at::stack(joint), 0));
      marginals.push_back(at::logsumexp(at::stack(marginal), 0));
    }
    const double log_count = std::log(static_cast<double>(count));
    return {at::cat(joints) - log_count, at::cat(marginals) - log_count};
  }

  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("kl_parts", "1.0.0") {
  registry.add<KlParts>("kl_parts",
                        "The KL divergence in three parts: mutual information (Hoffman & Johnson "
                        "2016), total correlation and dimension-wise (Chen et al. 2018); total "
                        "correlation of a Gaussian "
                        "with the codes' covariance (Locatello et al. 2019).");
}
