#include "gaussian_correlation.hpp"

#include <ATen/Functions.h>

#include <string>

#include "varia/build.hpp"
#include "varia/codes.hpp"
#include "varia/metric.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct GaussianCorrelationParams final : EncodedImagesParams {
  GaussianCorrelationParams()
      : EncodedImagesParams(10'000, {2, kAnyImages.max}, "How many images are encoded") {}
  Boolean sampled{this, "sampled", false,
                  "One draw from each posterior as the code, instead of its mean."};

  CodeOptions options() const { return {blocks(), sampled()}; }
};

class GaussianCorrelation final : public Metric {
 public:
  using Params = GaussianCorrelationParams;
  static constexpr std::int64_t kEvery = kAfterLast;
  GaussianCorrelation(const Params& params, const Build& build) : params_(params) {
    params.latents_of(*build.model);
  }
  std::string units(std::string_view value) const override {
    return value == "gaussian_correlation_total" ? "nats" : "1";
  }
  Better better(std::string_view value) const override {
    // The distance itself grows with the codes' scale: narrow ones have a small one.
    return value == "gaussian_correlation_wasserstein" ? Better::neither : Better::lower;
  }
  Values result(const Evaluation& evaluation) override {
    const auto codes = encode_split(evaluation.model, evaluation.split, params_.images(),
                                    params_.options(), evaluation.draw);
    const auto covariance = metrics::covariance(codes.points);
    const auto wasserstein = metrics::gaussian_wasserstein_correlation(covariance);
    return {{"gaussian_correlation_total", metrics::gaussian_total_correlation(covariance)},
            {"gaussian_correlation_wasserstein", wasserstein},
            {"gaussian_correlation_wasserstein_norm", wasserstein / covariance.diagonal().sum()}};
  }

 private:
  const Params& params_;
};

}  // namespace

VARIA_PLUGIN("gaussian_correlation", "1.0.0") {
  registry.add<GaussianCorrelation>(
      "gaussian_correlation",
      "How far the dimensions of the code are from independent, as a Gaussian of their covariance "
      "tells it: total correlation, and Wasserstein distance (Locatello et al. 2019).");
}
