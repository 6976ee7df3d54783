#include <ATen/Functions.h>

#include <cmath>
#include <numbers>

#include "shared/likelihood_parts.hpp"
#include "varia/distributions.hpp"
#include "varia/plugin.hpp"

// Likelihoods of numbers in [0, 1]: pixels, shares.

namespace {

using namespace varia;
using namespace varia::likelihoods;

struct NoParams final : ParamSet {};

template <class Family>
class LogitLikelihood final : public Likelihood {
 public:
  using Params = NoParams;
  static constexpr Domain kDomains[] = {Domain::unit};
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

/// Beta(mean * precision, (1 - mean) * precision). Values are kept half a grey level away from 0
/// and 1, where the density is 0 or infinite.
class Beta final : public Distribution {
 public:
  /// @param mean          [K|1, B|1, E], in (0, 1)
  /// @param log_precision broadcastable to mean
  Beta(Tensor mean, const Tensor& log_precision)
      : mean_(std::move(mean)), precision_(log_precision.to(at::kDouble).exp()) {}
  std::string_view family() const override { return "beta"; }
  Range support() const override { return {0, 1}; }

  Sample rsample(Draw& draw) const override {
    const auto sizes = sizes_of_draw(mean_, draw);
    const auto gamma = [&](const Tensor& shape) {
      return at::_standard_gamma(shape.expand(sizes).contiguous(), draw.generator());
    };
    const auto first = gamma(a());
    return {(first / (first + gamma(b()))).to(mean_.scalar_type()), {}};
  }

  Tensor log_density(const Tensor& value) const override {
    constexpr double kHalfLevel = 0.5 / 255;
    const auto x = value.to(at::kDouble).clamp(kHalfLevel, 1 - kHalfLevel);
    const auto density = at::lgamma(precision_) - at::lgamma(a()) - at::lgamma(b()) +
                         (a() - 1) * x.log() + (b() - 1) * at::log1p(-x);
    return density.to(mean_.scalar_type());
  }

  Tensor mean() const override { return mean_; }
  Tensor variance() const override {
    return (mean_ * (1 - mean_) / (1 + precision_)).to(mean_.scalar_type());
  }
  std::vector<std::pair<std::string, Tensor>> parameters() const override {
    return {{"mean", mean_}, {"precision", precision_.to(mean_.scalar_type())}};
  }

 private:
  Tensor a() const { return mean_.to(at::kDouble) * precision_; }
  Tensor b() const { return (1 - mean_.to(at::kDouble)) * precision_; }

  Tensor mean_;
  Tensor precision_;  // float64
};

struct BetaParams final : ParamSet {
  Real precision{this,
                 "precision",
                 10.0,
                 {1e-3, 1e6},
                 "The two exponents' sum: the larger, the narrower. If it is learned, its first "
                 "value."};
  Choice learned{this,
                 "learned",
                 "shared",
                 {"no", "shared", "per_feature"},
                 "Whether the precision is trained: one for all numbers, or one each."};
};

class BetaLikelihood final : public Likelihood {
 public:
  using Params = BetaParams;
  static constexpr Domain kDomains[] = {Domain::unit};
  BetaLikelihood(const Params& params, const Build& build) {
    log_precision_ =
        register_log(*this, "log_precision", params.precision(), params.learned, build);
  }
  DistributionPtr distribution(const Tensor& output) const override {
    // A mean of exactly 0 or 1 has no density.
    constexpr double kLeast = 1e-6;
    return std::make_shared<Beta>(output.sigmoid().clamp(kLeast, 1 - kLeast), log_precision_);
  }
  Tensor output_for_mean(const Tensor& mean) const override { return mean.logit(kEdge); }

 private:
  Tensor log_precision_;
};

/// A mixture of logistic distributions, each with the probability that it has between the edges of
/// a grey level; the lowest and the highest level take the rest.
/// @see Salimans et al. 2017, equation 2, with the mixtures of the channels independent
class DiscretizedLogistic final : public Distribution {
 public:
  /// @param logits, means, log_scales [K|1, B|1, M, E...]: of the M parts, in units of [0, 1]
  DiscretizedLogistic(const Tensor& logits, Tensor means, Tensor log_scales, std::int64_t levels)
      : log_weights_(logits.log_softmax(2)),
        means_(std::move(means)),
        log_scales_(std::move(log_scales)),
        levels_(levels) {}
  std::string_view family() const override { return "discretized_logistic"; }
  Range support() const override { return {0, 1}; }

  Sample rsample(Draw& draw) const override {
    const auto sizes = sizes_of_draw(means_, draw);
    // The Gumbel-max trick chooses a part; its logistic is drawn by the inverse of F.
    const auto part = (log_weights_ - (-draw.uniform(sizes).log()).log()).argmax(2, true);
    const auto of_part = [&](const Tensor& all) { return all.expand(sizes).gather(2, part); };
    const auto uniform = draw.uniform(part.sizes());
    const auto drawn = of_part(means_) + of_part(log_scales_).exp() * uniform.logit();
    const auto steps = static_cast<double>(levels_ - 1);
    return {drawn.squeeze(2).clamp(0, 1).mul(steps).round().div(steps), {}};
  }

  Tensor log_density(const Tensor& value) const override {
    const auto steps = static_cast<double>(levels_ - 1);
    const auto level = value.mul(steps).round().unsqueeze(2);  // [K|1, B, 1, E...]
    const auto narrow = (-log_scales_).exp();
    const auto centred = level / steps - means_;
    const auto half = 0.5 / steps;
    const auto upper = narrow * (centred + half);
    const auto lower = narrow * (centred - half);
    // F(u) - F(l) = F(u) (1 - F(l)) (1 - e^(l - u)), without a difference of nearly equal numbers:
    // u - l is the width of a level, whatever the mean.
    const auto inner =
        -at::softplus(-upper) - at::softplus(lower) + (-at::expm1(-narrow / steps)).log();
    const auto lowest = -at::softplus(-upper);  // ln F(u)
    const auto highest = -at::softplus(lower);  // ln (1 - F(l))
    const auto of_part = at::where(level.le(0), lowest, at::where(level.ge(steps), highest, inner));
    return at::logsumexp(log_weights_ + of_part, {2});
  }

  /// The sum over the levels, weighted by their probabilities: logistics reach beyond the ends.
  Tensor mean() const override {
    const auto steps = static_cast<double>(levels_ - 1);
    // E = sum over levels k of (1 - F(edge above k)) / steps
    const auto narrow = (-log_scales_).exp();
    const auto weights = log_weights_.exp();
    auto sum = at::zeros_like(means_.select(2, 0));
    for (std::int64_t level = 0; level + 1 < levels_; ++level) {
      const auto edge = (static_cast<double>(level) + 0.5) / steps;
      sum = sum + (weights * (narrow * (means_ - edge)).sigmoid()).sum(2);
    }
    return sum / steps;
  }
  std::vector<std::pair<std::string, Tensor>> parameters() const override {
    return {{"log_weights", log_weights_}, {"means", means_}, {"log_scales", log_scales_}};
  }

 private:
  Tensor log_weights_;
  Tensor means_;
  Tensor log_scales_;
  std::int64_t levels_;
};

struct DiscretizedLogisticParams final : ParamSet {
  Integer parts{this, "parts", 1, {1, 100}, "Logistics in the mixture of every number."};
  Integer levels{this, "levels", 256, {2, 256}, "Values that a number can take."};
};

class DiscretizedLogisticLikelihood final : public Likelihood {
 public:
  using Params = DiscretizedLogisticParams;
  static constexpr Domain kDomains[] = {Domain::unit};
  explicit DiscretizedLogisticLikelihood(const Params& params)
      : parts_(params.parts()), levels_(params.levels()) {}

  std::vector<std::int64_t> output_shape(std::vector<std::int64_t> event) const override {
    event.front() *= 3 * parts_;
    return event;
  }

  DistributionPtr distribution(const Tensor& output) const override {
    // [K, B, 3 M C, H, W]: the parts' logits, means and log-scales, one after the other.
    const auto all = output.unflatten(2, {3 * parts_, output.size(2) / (3 * parts_)});
    const auto third = [&](std::int64_t begin) {
      return all.slice(2, begin * parts_, (begin + 1) * parts_);
    };
    // Scales start at a tenth of the range and stay above a hundredth of a level. Wide ones stay
    // where float32 has the probability of a level.
    const auto least = std::log(0.01 / static_cast<double>(levels_));
    constexpr double kMost = 60;
    return std::make_shared<DiscretizedLogistic>(third(0), third(1).sigmoid(),
                                                 (third(2) - kStart).clamp(least, kMost), levels_);
  }

  /// A logistic that ends before 0 and 1 has nearly the mean that it is centred at. One that is
  /// narrower would make every pixel that is far from its mean cost hundreds of nats.
  Tensor output_for_mean(const Tensor& mean) const override {
    constexpr double kNear = 1e-4;  // of a mean to 0 or 1: less than a level
    const auto none = at::zeros_like(mean);
    const auto to_the_end = at::minimum(mean, 1 - mean);
    const auto scale = (to_the_end / 8).clamp_min(0.6 / static_cast<double>(levels_));
    const auto narrow = scale.log() + kStart;
    std::vector<Tensor> all;
    for (const auto& value : {none, mean.logit(kNear), narrow})
      for (std::int64_t i = 0; i < parts_; ++i) all.push_back(value);
    return at::cat(all, 0);
  }

 private:
  static constexpr double kStart = std::numbers::ln10;
  std::int64_t parts_;
  std::int64_t levels_;
};

}  // namespace

VARIA_PLUGIN("unit_likelihoods", "1.0.0") {
  registry.add<LogitLikelihood<Bernoulli>>(
      "bernoulli", "Bernoulli pixels; the cross-entropy if they are grey (Kingma & Welling 2014).");
  registry.add<LogitLikelihood<ContinuousBernoulli>>(
      "continuous_bernoulli",
      "Continuous Bernoulli on [0, 1], normalised (Loaiza-Ganem & Cunningham 2019).");
  registry.add<BetaLikelihood>("beta",
                               "Beta distribution of shares (Ferrari & Cribari-Neto 2004).");
  registry.add<DiscretizedLogisticLikelihood>(
      "discretized_logistic",
      "Mixture of logistics with a probability for every grey level (Salimans et al. 2017).");
}
