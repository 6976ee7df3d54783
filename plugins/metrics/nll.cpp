#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "varia/build.hpp"
#include "varia/error.hpp"
#include "varia/evidence.hpp"
#include "varia/metric.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct NllParams final : ParamSet {
  Integer samples{this, "samples", 100, {1, 1'000'000}, "Posterior samples per image, K."};
  Integer images{this,
                 "images",
                 1000,
                 {1, std::numeric_limits<std::int64_t>::max()},
                 "How many images, the first of the split."};
};

class Nll final : public Metric {
 public:
  using Params = NllParams;
  static constexpr std::int64_t kEvery = kAfterLast;
  Nll(const Params& params, const Build& build) : params_(params) {
    if (build.model != nullptr && build.model->bound() == "none")
      throw ConfigError(
          "metric nll: the model bounds no log-likelihood, so that there is none to estimate");
  }

  std::string units(std::string_view) const override { return "nats"; }
  Better better(std::string_view value) const override {
    return value == "nll" ? Better::lower : Better::neither;
  }

  Values result(const Evaluation& evaluation) override {
    const auto count = std::min(params_.images(), evaluation.split.size());
    const auto at_once = std::clamp<std::int64_t>(kDecodedAtOnce / params_.samples(), 1, count);
    std::vector<Tensor> parts;
    for (std::int64_t begin = 0; begin < count; begin += at_once) {
      const auto batch =
          evaluation.split.slice(begin, std::min(begin + at_once, count), evaluation.draw);
      parts.push_back(estimate_evidence(evaluation.model, batch, params_.samples(), evaluation.draw)
                          .log_evidence);
    }
    const auto nll = -at::cat(parts);
    const auto error = count > 1 ? nll.std() / std::sqrt(static_cast<double>(count))
                                 : at::full({}, NAN, at::kDouble);
    return {{"nll", nll.mean()}, {"nll_standard_error", error}};
  }

 private:
  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("nll", "1.0.0") {
  registry.add<Nll>("nll",
                    "Negative log-likelihood by importance sampling, an upper bound that tightens "
                    "with K (Burda et al. 2016).");
}
