#include "dci.hpp"

#include <ATen/Functions.h>

#include "boosted_trees.hpp"
#include "factor_metric.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct DciParams final : metrics::LearnedFactorsParams {
  Integer rounds{this,
                 "rounds",
                 100,
                 {1, 10'000},
                 "Of boosting, with a tree for each value of a factor; the time grows with them."};
};

class Dci final : public metrics::LearnedFactorMetric {
 public:
  using Params = DciParams;
  Dci(const Params& params, const Build& build)
      : LearnedFactorMetric(params, build), params_(params) {}
  Values result(const Evaluation& evaluation) override {
    const auto codes = encode_both(evaluation);
    const auto [importances, train_accuracy, accuracy] = metrics::factor_importances(
        codes.train, codes.judged, metrics::uniform_numbers(evaluation.draw), params_.rounds());
    const auto scalar = [](double value) { return at::scalar_tensor(value, at::kDouble); };
    return {
        {"dci_disentanglement", scalar(metrics::disentanglement(importances))},
        {"dci_completeness", scalar(metrics::completeness(importances))},
        {"dci_informativeness", scalar(accuracy)},
        {"dci_informativeness_train", scalar(train_accuracy)},
        {"dci_importances", at::tensor(importances.values, at::kDouble)
                                .view({static_cast<std::int64_t>(importances.dimensions), -1})}};
  }
  Better better(std::string_view value) const override {
    return value == "dci_importances" ? Better::neither : Better::higher;
  }

 private:
  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("dci", "1.0.0") {
  registry.add<Dci>("dci",
                    "Disentanglement, completeness and informativeness, by how important each "
                    "dimension is to boosted trees that predict each factor (Eastwood & Williams "
                    "2018).");
}
