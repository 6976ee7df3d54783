#include "irs.hpp"

#include <ATen/Functions.h>

#include "factor_metric.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct IrsParams final : metrics::FactorsParams {
  Real quantile{this,
                "quantile",
                0.99,
                {0, 1},
                "Of the distances from their mean while a factor is fixed; 1: the maximum, as in "
                "the paper."};
  Integer bins{this,
               "bins",
               20,
               {2, 10'000},
               "A factor of more values counts as so many, equal intervals of them."};
};

class Irs final : public metrics::FactorMetric {
 public:
  using Params = IrsParams;
  Irs(const Params& params, const Build& build) : FactorMetric(params, build), params_(params) {}
  Values result(const Evaluation& evaluation) override {
    const double score =
        metrics::interventional_robustness(encode(evaluation), params_.quantile(), params_.bins());
    return {{"irs", at::scalar_tensor(score, at::kDouble)}};
  }

 private:
  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("irs", "1.0.0") {
  registry.add<Irs>("irs",
                    "Interventional robustness: how little each dimension of the code moves while "
                    "one factor is fixed and all others vary (Suter et al. 2019).");
}
