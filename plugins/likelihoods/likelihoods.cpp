#include "varia/likelihood.hpp"

#include <ATen/Functions.h>

#include <cmath>

#include "varia/build.hpp"
#include "varia/distributions.hpp"
#include "varia/parameters.hpp"
#include "varia/plugin.hpp"

namespace {

using namespace varia;

struct NoParams final : ParamSet {};

/// A mean image is kept this far from 0 and 1, where the logit is infinite.
constexpr double kEdge = 1e-3;

template <class Family>
class LogitLikelihood final : public Likelihood {
 public:
  using Params = NoParams;
  explicit LogitLikelihood(const Params&) {}
  DistributionPtr distribution(const Tensor& output) const override {
    return std::make_shared<Family>(output);
  }
  Tensor output_for_mean(const Tensor& mean) const override;
};

template <>
Tensor LogitLikelihood<Bernoulli>::output_for_mean(const Tensor& mean) const {
  return mean.logit(kEdge);
}

/// The mean rises with the logit and has no inverse in closed form: halving finds it.
template <>
Tensor LogitLikelihood<ContinuousBernoulli>::output_for_mean(const Tensor& mean) const {
  const auto wanted = mean.to(at::kDouble).clamp(kEdge, 1 - kEdge);
  auto low = at::full_like(wanted, -2 / kEdge);
  auto high = at::full_like(wanted, 2 / kEdge);
  for (int i = 0; i < 60; ++i) {
    const auto middle = (low + high) / 2;
    const auto below = ContinuousBernoulli(middle).mean() < wanted;
    low = at::where(below, middle, low);
    high = at::where(below, high, middle);
  }
  return ((low + high) / 2).to(mean.scalar_type());
}

/// Parameters of a likelihood with a location and a scale.
struct LocationScaleParams final : ParamSet {
  Real scale{this,
             "scale",
             1.0,
             {1e-6, 1e6},
             "Standard deviation (gaussian) or b (laplace) of every pixel; if it is learned, its "
             "first value."};
  Choice learned{this,
                 "learned",
                 "no",
                 {"no", "shared", "per_pixel"},
                 "Whether the scale is trained: one for all pixels, or one each."};
  Choice mean{this,
              "mean",
              "identity",
              {"identity", "sigmoid"},
              "What turns the decoder's output into the mean."};
};

template <class Family, bool kIsVariance>
class LocationScaleLikelihood final : public Likelihood {
 public:
  using Params = LocationScaleParams;
  LocationScaleLikelihood(const Params& params, const Build& build)
      : sigmoid_(params.mean.is("sigmoid")) {
    std::vector<std::int64_t> sizes(3, 1);
    if (params.learned.is("per_pixel")) sizes = build.data.image;
    const double log_scale = std::log(params.scale());
    const auto start = at::full(sizes, log_scale, at::TensorOptions(at::kFloat));
    log_scale_ = params.learned.is("no") ? register_buffer("log_scale", start)
                                         : register_parameter("log_scale", start);
  }

  DistributionPtr distribution(const Tensor& output) const override {
    return std::make_shared<Family>(sigmoid_ ? output.sigmoid() : output,
                                    kIsVariance ? 2 * log_scale_ : log_scale_);
  }

  Tensor output_for_mean(const Tensor& mean) const override {
    return sigmoid_ ? mean.logit(kEdge) : mean;
  }

 private:
  bool sigmoid_;
  Tensor log_scale_;  // [1, 1, 1] or [C, H, W]
};

}  // namespace

VARIA_PLUGIN("likelihoods", "1.0.0") {
  registry.add<LogitLikelihood<Bernoulli>>(
      "bernoulli", "Bernoulli pixels; the cross-entropy if they are grey (Kingma & Welling 2014).");
  registry.add<LogitLikelihood<ContinuousBernoulli>>(
      "continuous_bernoulli",
      "Continuous Bernoulli on [0, 1], normalised (Loaiza-Ganem & Cunningham 2019).");
  registry.add<LocationScaleLikelihood<Normal, true>>(
      "gaussian", "Gaussian pixels with a fixed or a learned scale (Rybkin et al. 2021).");
  registry.add<LocationScaleLikelihood<Laplace, false>>(
      "laplace", "Laplace pixels, the L1 error, with a fixed or a learned scale (Laplace 1774).");
}
