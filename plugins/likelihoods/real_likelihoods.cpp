#include <ATen/Functions.h>

#include <cmath>
#include <numbers>

#include "shared/likelihood_parts.hpp"
#include "varia/distributions.hpp"
#include "varia/plugin.hpp"

// Likelihoods of real numbers, with a location and a scale. They serve numbers in [0, 1] and
// counts, too.

namespace {

using namespace varia;
using namespace varia::likelihoods;

constexpr double kPi = std::numbers::pi;

/// One family of the location-scale kind.
struct Family {
  DistributionPtr (*make)(const Tensor& mean, const Tensor& log_scale);
  /// The logarithm of the scale of the highest likelihood for such errors, [].
  Tensor (*best_log_scale)(const Tensor& errors);
};

constexpr double kLeastError = 1e-12;  // of errors that are all zero

constexpr Family kGaussian{
    [](const Tensor& mean, const Tensor& log_scale) -> DistributionPtr {
      return std::make_shared<Normal>(mean, 2 * log_scale);
    },
    [](const Tensor& errors) { return 0.5 * errors.square().mean().clamp_min(kLeastError).log(); }};

constexpr Family kLaplace{
    [](const Tensor& mean, const Tensor& log_scale) -> DistributionPtr {
      return std::make_shared<Laplace>(mean, log_scale);
    },
    [](const Tensor& errors) { return errors.abs().mean().clamp_min(kLeastError).log(); }};

constexpr double kNewestShare = 0.05;  // of the newest batch in the running mean

/// The log-scales that were best for training batches, as the buffer of a likelihood keeps them.
class RunningLogScale {
 public:
  /// @param kept [...] of one element: the running mean, and before the first batch `start`
  RunningLogScale(Tensor kept, double start)
      : kept_(std::move(kept)), start_(static_cast<float>(start)) {}
  const Tensor& mean() const { return kept_; }
  /// The first batch takes the place of `start`, which is no batch's.
  void add(const Tensor& best) const {
    kept_.copy_(at::where(kept_ == start_, best.to(kept_.scalar_type()),
                          kept_ + kNewestShare * (best - kept_)));
  }

 private:
  Tensor kept_;
  float start_;  // as the buffer rounds it
};

/// A family in training: with the one scale that is best for the values whose density is asked for,
/// those of the whole batch and of all its draws together. Such a scale depends on the values, so
/// that this is no density of them; an evaluation takes the running mean of these scales instead.
/// @see Rybkin et al. 2021, section 3.2 (optimal sigma-VAE)
class OptimalScale final : public Distribution {
 public:
  OptimalScale(const Family& family, Tensor mean, RunningLogScale running)
      : family_(family), mean_(std::move(mean)), running_(std::move(running)) {}
  std::string_view family() const override { return evaluated()->family(); }
  Sample rsample(Draw& draw) const override { return evaluated()->rsample(draw); }
  Tensor log_density(const Tensor& value) const override { return density(value, value - mean_); }
  Tensor log_prob_of_observed(const Tensor& value, const Tensor& mask) const override {
    if (!mask.defined()) return log_prob(value);
    const auto errors = value - mean_;
    const auto observed = errors.masked_select(mask.expand_as(errors));
    if (observed.numel() == 0) return evaluated()->log_prob_of_observed(value, mask);
    return sum_event(density(value, observed).masked_fill(mask.logical_not(), 0));
  }
  Tensor mean() const override { return mean_; }
  Tensor variance() const override { return evaluated()->variance(); }
  std::vector<std::pair<std::string, Tensor>> parameters() const override {
    return evaluated()->parameters();
  }

 private:
  DistributionPtr evaluated() const { return family_.make(mean_, running_.mean()); }
  Tensor density(const Tensor& value, const Tensor& errors) const {
    const auto best = family_.best_log_scale(errors);
    running_.add(best.detach());
    return family_.make(mean_, best)->log_density(value);
  }

  const Family& family_;
  Tensor mean_;
  RunningLogScale running_;
};

/// ln of gamma(x + 1/2) / gamma(x). For large x the two are nearly equal, and their quotient is a
/// series in 1/x. @see Tricomi & Erdelyi 1951
double log_gamma_ratio(double x) {
  if (x < 1e5) return std::lgamma(x + 0.5) - std::lgamma(x);
  return 0.5 * std::log(x) - 1 / (8 * x);
}

/// Student's t with a location, a scale and degrees of freedom.
class StudentT final : public Distribution {
 public:
  /// @param mean      [K|1, B|1, E]: the location, which is the mean from one degree of freedom on
  /// @param log_scale broadcastable to mean
  StudentT(Tensor mean, Tensor log_scale, double degrees)
      : mean_(std::move(mean)), log_scale_(std::move(log_scale)), degrees_(degrees) {}
  std::string_view family() const override { return "student_t"; }

  /// Bailey's polar method.
  Sample rsample(Draw& draw) const override {
    const auto sizes = sizes_of_draw(mean_, draw);
    const auto radius = (degrees_ * at::expm1(-2 / degrees_ * draw.uniform(sizes).log())).sqrt();
    const auto t = radius * (2 * kPi * draw.uniform(sizes)).cos();
    return {mean_ + log_scale_.exp() * t, {}};
  }

  Tensor log_density(const Tensor& value) const override {
    const auto error = ((value - mean_) * (-log_scale_).exp()).to(at::kDouble);
    const double constant = log_gamma_ratio(degrees_ / 2) - 0.5 * std::log(degrees_ * kPi);
    const auto density = constant - log_scale_.to(at::kDouble) -
                         (degrees_ + 1) / 2 * at::log1p(error.square() / degrees_);
    return density.to(mean_.scalar_type());
  }

  Tensor mean() const override { return mean_; }
  /// Infinite up to two degrees of freedom.
  Tensor variance() const override {
    const double factor = degrees_ > 2 ? degrees_ / (degrees_ - 2) : INFINITY;
    return ((2 * log_scale_).exp() * factor).expand_as(mean_);
  }
  std::vector<std::pair<std::string, Tensor>> parameters() const override {
    return {{"mean", mean_},
            {"log_scale", log_scale_},
            {"degrees", at::scalar_tensor(degrees_, mean_.options())}};
  }

 private:
  Tensor mean_;
  Tensor log_scale_;
  double degrees_;
};

/// Parameters of a likelihood with a location and a scale.
struct LocationScaleParams : ParamSet {
  Real scale{this,
             "scale",
             1.0,
             {1e-6, 1e6},
             "Standard deviation (gaussian), b (laplace) or scale (student_t) of every number; if "
             "it is learned, its first value."};
  Choice learned{
      this,
      "learned",
      "no",
      {"no", "shared", "per_feature", "decoder", "optimal"},
      "Whether the scale is trained: one for all numbers, one for each, or one for each "
      "number of each sample from the decoder; optimal: in training the best one for each "
      "batch and all its draws, in closed form, and in evaluation the running mean of "
      "these, which is fixed (Rybkin et al. 2021)."};
  Choice mean{this,
              "mean",
              "identity",
              {"identity", "sigmoid"},
              "What turns the decoder's output into the mean."};
};

/// A decoder's output as a location and a scale.
class LocationScale : public Likelihood {
 public:
  static constexpr Domain kDomains[] = {Domain::real, Domain::unit, Domain::count};

  std::vector<std::int64_t> output_shape(std::vector<std::int64_t> event) const override {
    if (from_decoder_) event.front() *= 2;
    return event;
  }
  DistributionPtr distribution(const Tensor& output) const override {
    const auto parts = output.chunk(from_decoder_ ? 2 : 1, 2);
    const auto location = sigmoid_ ? parts[0].sigmoid() : parts[0];
    if (!from_decoder_) return make(location, log_scale_);
    // So that one number which is known exactly does not outweigh all others.
    return make(location, (least_ + (log_scale_ + parts[1]).exp()).log());
  }
  Tensor output_for_mean(const Tensor& mean) const override {
    const auto location = sigmoid_ ? mean.logit(kEdge) : mean;
    return from_decoder_ ? at::cat({location, at::zeros_like(location)}, 0) : location;
  }

 protected:
  LocationScale(const LocationScaleParams& params, const Build& build)
      : sigmoid_(params.mean.is("sigmoid")),
        from_decoder_(params.learned.is("decoder")),
        least_(1e-3 * params.scale()) {
    log_scale_ = register_log(*this, "log_scale", params.scale(), params.learned, build);
  }
  /// @param log_scale broadcastable to location
  virtual DistributionPtr make(const Tensor& location, const Tensor& log_scale) const = 0;

 private:
  bool sigmoid_;
  bool from_decoder_;
  double least_;
  Tensor log_scale_;  // [1, ...] or [E...]
};

template <const Family& kFamily>
class FamilyLikelihood final : public LocationScale {
 public:
  struct Params final : LocationScaleParams {};
  FamilyLikelihood(const Params& params, const Build& build)
      : LocationScale(params, build),
        optimal_(params.learned.is("optimal")),
        start_(std::log(params.scale())) {}

 private:
  DistributionPtr make(const Tensor& location, const Tensor& log_scale) const override {
    if (optimal_ && is_training())
      return std::make_shared<OptimalScale>(kFamily, location, RunningLogScale(log_scale, start_));
    return kFamily.make(location, log_scale);
  }
  bool optimal_;
  double start_;
};

struct StudentTParams final : LocationScaleParams {
  Real degrees{this,
               "degrees",
               4.0,
               {1e-3, 1e8},
               "Degrees of freedom: the fewer, the heavier the tails; 1 is a Cauchy distribution."};

 protected:
  void check() const override {
    if (learned.is("optimal"))
      fail(learned, "optimal is in closed form for gaussian and laplace alone.");
  }
};

class StudentTLikelihood final : public LocationScale {
 public:
  using Params = StudentTParams;
  StudentTLikelihood(const Params& params, const Build& build)
      : LocationScale(params, build), degrees_(params.degrees()) {}

 private:
  DistributionPtr make(const Tensor& location, const Tensor& log_scale) const override {
    return std::make_shared<StudentT>(location, log_scale, degrees_);
  }
  double degrees_;
};

}  // namespace

VARIA_PLUGIN("real_likelihoods", "1.0.0") {
  registry.add<FamilyLikelihood<kGaussian>>(
      "gaussian", "Gaussian numbers with a fixed or a learned scale (Rybkin et al. 2021).");
  registry.add<FamilyLikelihood<kLaplace>>(
      "laplace", "Laplace numbers, the L1 error, with a fixed or a learned scale (Laplace 1774).");
  registry.add<StudentTLikelihood>("student_t",
                                   "Student's t: numbers with outliers (Takahashi et al. 2018).");
}
