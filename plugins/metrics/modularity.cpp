#include <ATen/Functions.h>

#include "explicitness.hpp"
#include "factor_information.hpp"
#include "factor_metric.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

class Modularity final : public metrics::InformationMetric {
 public:
  using InformationMetric::InformationMetric;
  Values result(const Evaluation& evaluation) override {
    const auto codes = encode(evaluation);
    const auto varying = metrics::with_factors(codes, metrics::varying_factors(codes));
    const auto told = information(varying, evaluation.draw);
    return {{"modularity", at::scalar_tensor(metrics::modularity(told.nats), at::kDouble)}};
  }
};

class Explicitness final : public metrics::LearnedFactorMetric {
 public:
  using Params = metrics::LearnedFactorsParams;
  Explicitness(const Params& params, const Build& build) : LearnedFactorMetric(params, build) {}
  Values result(const Evaluation& evaluation) override {
    const auto codes = encode_both(evaluation);
    return {{"explicitness",
             at::scalar_tensor(metrics::explicitness(codes.train, codes.judged), at::kDouble)}};
  }
};

}  // namespace

VARIA_PLUGIN("modularity", "1.0.0") {
  registry.add<Modularity>("modularity",
                           "Whether each dimension of the code tells of one factor alone, by its "
                           "mutual information with all of them (Ridgeway & Mozer 2018).");
  registry.add<Explicitness>("explicitness",
                             "How well the values of each factor are told from one another by a "
                             "logistic regression on the code: the mean area under the ROC curves "
                             "of one value against the rest (Ridgeway & Mozer 2018).");
}
