#include "sap.hpp"

#include <ATen/Functions.h>

#include "factor_metric.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct SapParams final : metrics::LearnedFactorsParams {
  Boolean continuous{this, "continuous", false,
                     "Whether the factors are numbers, which a line predicts (R²), and not "
                     "classes, which a support "
                     "vector machine tells apart. The lines are judged on the training images, "
                     "whatever the split."};
};

class Sap final : public metrics::LearnedFactorMetric {
 public:
  using Params = SapParams;
  Sap(const Params& params, const Build& build)
      : LearnedFactorMetric(params, build), params_(params) {}
  Values result(const Evaluation& evaluation) override {
    const auto codes = encode_both(evaluation);
    const auto scores = params_.continuous() ? metrics::squared_correlations(codes.train)
                                             : metrics::svm_accuracies(codes.train, codes.judged);
    return {{"sap",
             at::scalar_tensor(metrics::separated_attribute_predictability(scores), at::kDouble)}};
  }

 private:
  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("sap", "1.0.0") {
  registry.add<Sap>("sap",
                    "Separated attribute predictability: how much better one dimension of the code "
                    "alone predicts a factor than a second (Kumar et al. 2018).");
}
