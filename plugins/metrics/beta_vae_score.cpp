#include "beta_vae_score.hpp"

#include <ATen/Functions.h>

#include "factor_metric.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct BetaVaeParams final : metrics::FactorsParams {
  Integer train_points{this,
                       "train_points",
                       10'000,
                       {1, 10'000'000},
                       "Differences of codes that the classifier learns from."};
  Integer points{this, "points", 5'000, {1, 10'000'000}, "Those on which it is judged."};
  Integer batch{this,
                "batch",
                64,
                {1, 100'000},
                "Pairs of codes that share a factor's value, drawn with replacement, whose mean "
                "difference is one point."};
};

class BetaVaeScore final : public metrics::FactorMetric {
 public:
  using Params = BetaVaeParams;
  BetaVaeScore(const Params& params, const Build& build)
      : FactorMetric(params, build), params_(params) {}
  Values result(const Evaluation& evaluation) override {
    const double score = metrics::beta_vae_score(
        encode(evaluation), {params_.train_points(), params_.points(), params_.batch()},
        metrics::uniform_numbers(evaluation.draw));
    return {{"beta_vae_score", at::scalar_tensor(score, at::kDouble)}};
  }

 private:
  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("beta_vae_score", "1.0.0") {
  registry.add<BetaVaeScore>("beta_vae_score",
                             "Whether a linear classifier tells, by how far the dimensions of two "
                             "codes are apart, which factor the two share (Higgins et al. 2017).");
}
