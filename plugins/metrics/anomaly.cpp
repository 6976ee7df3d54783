#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "roc_auc.hpp"
#include "varia/build.hpp"
#include "varia/error.hpp"
#include "varia/metric.hpp"
#include "varia/model.hpp"
#include "varia/parameters.hpp"
#include "varia/plugin.hpp"

// How well a model tells samples of classes that it was not trained on.

namespace {

using namespace varia;

struct AnomalyParams final : ParamSet {
  Choice score{this,
               "score",
               "elbo",
               {"elbo", "reconstruction"},
               "What anomalies have more of: elbo, the negative bound on log p(x); reconstruction, "
               "its part -log p(x|z)."};
};

class AnomalyAuc final : public Metric {
 public:
  using Params = AnomalyParams;
  AnomalyAuc(const Params& params, const Build& build)
      : held_out_(build.data.held_out), with_kl_(params.score.is("elbo")) {
    if (held_out_.empty())
      throw ConfigError(
          "metric anomaly_auc: every class is trained on. Set data.held_out to the labels of those "
          "that stand for anomalies");
    if (build.model != nullptr && with_kl_ && build.model->bound() == "none")
      throw ConfigError(params.score.where(),
                        "metric anomaly_auc: the model bounds no log-likelihood. Set score: "
                        "reconstruction");
  }

  std::string units(std::string_view) const override { return "1"; }
  Better better(std::string_view) const override { return Better::higher; }
  void begin(const Evaluation&) override {
    scores_.clear();
    is_anomaly_.clear();
  }
  void update(const Inference& inference, const Batch& batch) override {
    if (!inference.likelihood)
      throw TrialError("metric anomaly_auc needs a model that has a likelihood");
    const auto score = with_kl_ ? inference.elbo_per_sample().neg()
                                : inference.log_likelihood().mean(0).neg();  // [B]
    const auto scores = score.to(at::kCPU, at::kDouble).contiguous();
    const auto labels = labels_of(batch).to(at::kCPU).contiguous();
    const auto* const number = scores.data_ptr<double>();
    const auto* const label = labels.data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < batch.size(); ++i) {
      scores_.push_back(number[i]);
      is_anomaly_.push_back(std::ranges::find(held_out_, label[i]) != held_out_.end());
    }
  }
  Values result(const Evaluation&) override {
    // The validation split has no anomalies, and so no value.
    if (std::ranges::find(is_anomaly_, true) == is_anomaly_.end()) return {};
    return {
        {"anomaly_auc", at::scalar_tensor(metrics::roc_auc(scores_, is_anomaly_), at::kDouble)}};
  }

 private:
  std::vector<std::int64_t> held_out_;
  bool with_kl_;
  std::vector<double> scores_;
  std::vector<bool> is_anomaly_;
};

}  // namespace

VARIA_PLUGIN("anomaly", "1.0.0") {
  registry.add<AnomalyAuc>("anomaly_auc",
                           "Area under the ROC curve by which the negative ELBO of test samples "
                           "tells held-out classes (Hanley & McNeil 1982).");
}
