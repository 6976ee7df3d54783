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
                 "information with them cannot exceed ln of their number; what the KL divergence "
                 "has beyond that counts as total correlation."};
  Integer draws{
      this,
      "draws",
      1000,
      {1, std::numeric_limits<std::int64_t>::max()},
      "How many of these images, chosen at random, give a draw at which q(z) is evaluated."};
};

constexpr std::int64_t kBatch = 500;        // images at once
constexpr std::int64_t kDrawsAtOnce = 100;  // with a batch of posteriors, what the cache holds

/// A draw for each image and the Gaussian posterior that it is from, all blocks side by side.
struct Posteriors {
  Tensor draws;     // [n, D]
  Tensor means;     // [n, D]
  Tensor log_vars;  // [n, D]
};

/// Each dimension of the posterior, and of its draw, that of an image of its own: q(z) has the same
/// marginals, and its dimensions tell nothing of one another.
Posteriors independent(const Posteriors& all, Draw& draw) {
  std::vector<Tensor> orders;
  for (std::int64_t d = 0; d < all.draws.size(1); ++d)
    orders.push_back(draw.permutation(all.draws.size(0)));
  const auto places = at::stack(orders, 1).to(all.draws.device());
  return {all.draws.gather(0, places), all.means.gather(0, places), all.log_vars.gather(0, places)};
}

/// ln q(z) and ln of its marginals, float64, at the draws of some images.
/// @param chosen [m], places of images
AggregatePosterior aggregate_at(const Tensor& chosen, const Posteriors& all) {
  const auto draws = all.draws.index_select(0, chosen.to(all.draws.device()));
  const auto count = all.draws.size(0);
  std::vector<Tensor> joints, marginals;
  const auto no_weight = at::zeros({1, 1}, draws.options());
  // Parts of the draws against parts of the posteriors.
  for (std::int64_t begin = 0; begin < draws.size(0); begin += kDrawsAtOnce) {
    const auto part = draws.slice(0, begin, begin + kDrawsAtOnce).unsqueeze(0);
    std::vector<Tensor> joint, marginal;
    for (std::int64_t first = 0; first < count; first += kBatch) {
      const Normal posterior(all.means.slice(0, first, first + kBatch).unsqueeze(0),
                             all.log_vars.slice(0, first, first + kBatch).unsqueeze(0));
      const auto sums = aggregate_posterior(pairwise_log_density(posterior, part), no_weight);
      joint.push_back(sums.joint.to(at::kCPU, at::kDouble));
      marginal.push_back(sums.marginals.to(at::kCPU, at::kDouble));
    }
    joints.push_back(at::logsumexp(at::stack(joint), 0));
    marginals.push_back(at::logsumexp(at::stack(marginal), 0));
  }
  const double log_count = std::log(static_cast<double>(count));
  return {at::cat(joints) - log_count, at::cat(marginals) - log_count};
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
    // What the KL divergence has beyond ln N raises the others, however independent the codes are.
    return value == "kl_parts_gaussian_total_correlation" ? Better::lower : Better::neither;
  }

  Values result(const Evaluation& evaluation) override {
    const auto& split = evaluation.split;
    const auto places = random_places(split.size(), params_.images(), "images of metric kl_parts");
    const auto count = places.size(0);
    std::vector<Tensor> draws, means, log_vars, own, prior;
    for (const auto& part : places.split(kBatch)) {
      std::vector<Tensor> draw, mean, log_var;
      auto log_q = at::zeros(part.sizes()), log_p = at::zeros(part.sizes());
      for (const auto& block :
           evaluation.model.encode(split.batch(part, evaluation.draw), evaluation.draw)) {
        if (!block.posterior) continue;
        const auto* posterior = dynamic_cast<const Normal*>(block.posterior.get());
        if (posterior == nullptr)
          throw Error("block " + block.name + " was announced as Gaussian and is not");
        draw.push_back(block.value[0]);
        mean.push_back(posterior->mean().expand_as(block.value)[0]);
        log_var.push_back(posterior->log_var().expand_as(block.value)[0]);
        log_q = log_q + posterior->log_prob(block.value)[0].cpu();
        log_p = log_p + block.prior->log_prob(block.value)[0].cpu();
      }
      draws.push_back(at::cat(draw, -1));
      means.push_back(at::cat(mean, -1));
      log_vars.push_back(at::cat(log_var, -1));
      own.push_back(log_q);
      prior.push_back(log_p);
    }
    const auto chosen = random_places(count, params_.draws(), "draws of metric kl_parts");
    const Posteriors all{at::cat(draws), at::cat(means), at::cat(log_vars)};
    const auto aggregate = aggregate_at(chosen, all);
    const auto apart = aggregate_at(chosen, independent(all, evaluation.draw));
    const auto mean = [&chosen](const std::vector<Tensor>& parts) {
      return at::cat(parts).index_select(0, chosen).to(at::kDouble).mean();
    };
    const auto joint = aggregate.joint.mean();
    const auto product = aggregate.marginals.sum(-1).mean();
    const auto of_independent = apart.joint.mean() - apart.marginals.sum(-1).mean();
    return {{"kl_parts_mutual_information", mean(own) - joint},
            {"kl_parts_total_correlation", joint - product},
            {"kl_parts_independent_total_correlation", of_independent},
            {"kl_parts_dimension_wise", product - mean(prior)},
            {"kl_parts_gaussian_total_correlation",
             metrics::gaussian_total_correlation(metrics::covariance(all.draws))}};
  }

 private:
  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("kl_parts", "1.0.0") {
  registry.add<KlParts>("kl_parts",
                        "The KL divergence in three parts: mutual information (Hoffman & Johnson "
                        "2016), total correlation and dimension-wise (Chen et al. 2018); the "
                        "total correlation of independent codes with the same marginals, and of a "
                        "Gaussian with the codes' covariance (Locatello et al. 2019).");
}
