#include <ATen/Functions.h>

#include "factor_information.hpp"
#include "factor_metric.hpp"
#include "factor_vae_score.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct FactorVaeParams final : metrics::FactorsParams {
  Integer train_votes{this,
                      "train_votes",
                      10'000,
                      {1, 10'000'000},
                      "Votes from which each dimension learns its factor."};
  Integer votes{this, "votes", 5'000, {1, 10'000'000}, "Votes on which the dimensions are judged."};
  Integer batch{this,
                "batch",
                64,
                {2, 100'000},
                "Codes that share a factor's value, drawn with replacement for each vote."};
  Real prune{this,
             "prune",
             0.05,
             {0, 1e6},
             "Dimensions whose standard deviation among all codes is smaller are left out."};
};

class FactorVaeScore final : public metrics::FactorMetric {
 public:
  using Params = FactorVaeParams;
  FactorVaeScore(const Params& params, const Build& build)
      : FactorMetric(params, build), params_(params) {}
  Values result(const Evaluation& evaluation) override {
    const metrics::FactorVaeProtocol protocol{params_.train_votes(), params_.votes(),
                                              params_.batch(), params_.prune()};
    const double score = metrics::factor_vae_score(encode(evaluation), protocol,
                                                   metrics::uniform_numbers(evaluation.draw));
    return {{"factor_vae_score", at::scalar_tensor(score, at::kDouble)}};
  }

 private:
  const Params& params_;
};

class Mig final : public metrics::InformationMetric {
 public:
  using InformationMetric::InformationMetric;
  Values result(const Evaluation& evaluation) override {
    const auto gaps =
        metrics::mutual_information_gaps(information(encode(evaluation), evaluation.draw));
    return {{"mig", at::scalar_tensor(metrics::mean_of_known(gaps), at::kDouble)},
            {"mig_per_factor", at::tensor(gaps, at::kDouble)}};
  }
};

class MigSup final : public metrics::InformationMetric {
 public:
  using InformationMetric::InformationMetric;
  Values result(const Evaluation& evaluation) override {
    const auto gaps = metrics::mutual_information_gaps_of_dimensions(
        information(encode(evaluation), evaluation.draw));
    return {{"mig_sup", at::scalar_tensor(metrics::mean_of_known(gaps), at::kDouble)},
            {"mig_sup_per_dimension", at::tensor(gaps, at::kDouble)}};
  }
};

}  // namespace

VARIA_PLUGIN("disentanglement", "1.0.0") {
  registry.add<FactorVaeScore>("factor_vae_score",
                               "Whether each dimension of the code stands still with one factor "
                               "alone: the accuracy of a majority vote (Kim & Mnih 2018).");
  registry.add<Mig>("mig",
                    "Mutual information gap: how much more the best dimension tells of a factor "
                    "than the second, over the factor's entropy (Chen et al. 2018).");
  registry.add<MigSup>("mig_sup",
                       "The supplement of the mutual information gap: how much more a dimension "
                       "tells of one factor than of a second, over the factors' entropies, the "
                       "mean over all dimensions (Li et al. 2020).");
}
