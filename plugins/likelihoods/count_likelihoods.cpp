#include <ATen/Functions.h>

#include <cmath>

#include "shared/likelihood_parts.hpp"
#include "varia/distributions.hpp"
#include "varia/error.hpp"
#include "varia/plugin.hpp"

// Likelihoods of counts: whole numbers that are not negative. Log-probabilities are computed in
// float64, since they are small differences of logarithms of gamma functions.

namespace {

using namespace varia;
using namespace varia::likelihoods;

/// A number for each sample [K, B], as [K, B, 1...] of so many dimensions.
Tensor over_event(Tensor values, std::int64_t dimensions) {
  while (values.dim() < dimensions) values = values.unsqueeze(-1);
  return values;
}

/// The sum over the event, broadcastable to it.
Tensor total_of(const Tensor& values) { return over_event(sum_event(values), values.dim()); }

/// What turns a decoder's output into the mean of a count.
class Means {
 public:
  /// @param log_total ln of the mean total of a training sample, []; undefined: the mean is
  /// e^output
  Means(const Tensor& output, const Tensor& log_total)
      : log_share_(log_total.defined() ? log_shares(output) : output), log_total_(log_total) {}
  /// ln of the mean for `value`, float64, whose total is taken as given. A total of those counts
  /// alone that were observed is divided among them by their shares.
  /// @param mask [B, E] bool, true if a number was observed; undefined: all were
  Tensor log_mean_given(const Tensor& value, const Tensor& mask) const {
    const auto share = log_share_.to(at::kDouble);
    if (!log_total_.defined()) return share;
    const auto log_total = total_of(value.to(at::kDouble)).clamp_min(1).log();
    if (!mask.defined()) return share + log_total;
    // Finite, so that gradients are finite if nothing of a sample was observed.
    constexpr double kNone = -1e30;
    const auto observed =
        at::where(mask.unsqueeze(0), share, at::scalar_tensor(kNone, share.options()));
    const auto log_observed = over_event(observed.flatten(2).logsumexp(-1), share.dim());
    const auto is_any = over_event(mask.flatten(1).any(1).unsqueeze(0), share.dim());
    return share + at::where(is_any, log_total - log_observed, log_total_.to(at::kDouble));
  }
  /// ln of the mean for a sample of the mean total.
  Tensor log_mean() const { return log_total_.defined() ? log_share_ + log_total_ : log_share_; }
  /// "log_mean", or "log_share" if the total of a sample is taken as given.
  std::vector<std::pair<std::string, Tensor>> parameters() const {
    return {{log_total_.defined() ? "log_share" : "log_mean", log_share_}};
  }

 private:
  /// Rows keep their shape, since what exports a trace as ONNX must know the number of axes.
  static Tensor log_shares(const Tensor& output) {
    return output.dim() == 3 ? output.log_softmax(-1)
                             : output.flatten(2).log_softmax(-1).view_as(output);
  }

  Tensor log_share_;
  Tensor log_total_;
};

/// ln of value! for each number.
Tensor log_factorial(const Tensor& value) { return at::lgamma(value + 1); }

/// Independent counts with these means.
class Counts : public Distribution {
 public:
  explicit Counts(Means means) : means_(std::move(means)) {}
  Range support() const final { return {0, INFINITY}; }
  Tensor log_density(const Tensor& value) const final { return log_density(value, {}); }
  Tensor log_prob_of_observed(const Tensor& value, const Tensor& mask) const final {
    if (!mask.defined()) return log_prob(value);
    return sum_event(log_density(value, mask).masked_fill(mask.logical_not(), 0));
  }
  Tensor mean() const final { return expected(means_.log_mean().exp()); }
  Tensor mean_given(const Tensor& value, const Tensor& mask) const final {
    return expected(means_.log_mean_given(value, mask).exp().to(value.scalar_type()));
  }

 protected:
  /// @param x, log_mean float64
  virtual Tensor log_density_of(const Tensor& x, const Tensor& log_mean) const = 0;
  /// The mean of a count, zeros that have nothing to do with it included.
  virtual Tensor expected(const Tensor& mean) const { return mean; }

  Means means_;

 private:
  Tensor log_density(const Tensor& value, const Tensor& mask) const {
    return log_density_of(value.to(at::kDouble), means_.log_mean_given(value, mask))
        .to(value.scalar_type());
  }
};

class Poisson final : public Counts {
 public:
  using Counts::Counts;
  std::string_view family() const override { return "poisson"; }
  Sample rsample(Draw& draw) const override {
    auto rate = mean();
    const auto sizes = sizes_of_draw(rate, draw);
    return {at::poisson(rate.detach().expand(sizes).contiguous(), draw.generator()), {}};
  }
  Tensor variance() const override { return mean(); }
  std::vector<std::pair<std::string, Tensor>> parameters() const override {
    return means_.parameters();
  }

 private:
  Tensor log_density_of(const Tensor& x, const Tensor& log_mean) const override {
    return x * log_mean - log_mean.exp() - log_factorial(x);
  }
};

/// Counts with the mean m and the variance m + m^2 / dispersion.
class NegativeBinomial final : public Counts {
 public:
  /// @param log_dispersion broadcastable to the mean
  /// @param zero_logits    log-odds of a zero that has nothing to do with the count, broadcastable
  ///                       to the mean; undefined: there are none
  NegativeBinomial(Means means, Tensor log_dispersion, Tensor zero_logits)
      : Counts(std::move(means)),
        log_dispersion_(std::move(log_dispersion)),
        zero_logits_(std::move(zero_logits)) {}
  std::string_view family() const override {
    return zero_logits_.defined() ? "zero_inflated_negative_binomial" : "negative_binomial";
  }

  /// A Poisson count whose rate is drawn from a gamma distribution.
  Sample rsample(Draw& draw) const override {
    const auto log_mean = means_.log_mean().detach();
    const auto sizes = sizes_of_draw(log_mean, draw);
    const auto dispersion = log_dispersion_.detach().exp().expand(sizes).contiguous();
    const auto rate =
        at::_standard_gamma(dispersion, draw.generator()) * (log_mean.exp() / dispersion);
    auto count = at::poisson(rate, draw.generator());
    if (zero_logits_.defined())
      count = count.masked_fill(draw.uniform(sizes).lt(zero_logits_.detach().sigmoid()), 0);
    return {count, {}};
  }

  Tensor variance() const override {
    const auto mean = means_.log_mean().exp();
    const auto variance = mean + mean.square() * (-log_dispersion_).exp();
    if (!zero_logits_.defined()) return variance;
    const auto kept = (-zero_logits_).sigmoid();
    return kept * (variance + (1 - kept) * mean.square());
  }
  std::vector<std::pair<std::string, Tensor>> parameters() const override {
    auto all = means_.parameters();
    all.emplace_back("log_dispersion", log_dispersion_);
    if (zero_logits_.defined()) all.emplace_back("zero_logits", zero_logits_);
    return all;
  }

 private:
  /// ln(1 + e^x); at::softplus is linear from 20 on, which is not exact in float64.
  static Tensor softplus(const Tensor& x) { return at::logaddexp(x, at::zeros_like(x)); }

  Tensor log_density_of(const Tensor& x, const Tensor& log_mean) const override {
    const auto log_r = log_dispersion_.to(at::kDouble);
    const auto r = log_r.exp();
    // r / (r + m) and m / (r + m) are sigmoids of the difference of the logarithms.
    const auto log_ratio = log_mean - log_r;
    const auto density = at::lgamma(x + r) - at::lgamma(r) - log_factorial(x) -
                         r * softplus(log_ratio) - x * softplus(-log_ratio);
    if (!zero_logits_.defined()) return density;
    const auto zero = zero_logits_.to(at::kDouble);
    const auto of_count = density - softplus(zero);  // times 1 - p
    return at::where(x.eq(0), at::logaddexp(of_count, -softplus(-zero)), of_count);
  }
  Tensor expected(const Tensor& mean) const override {
    return zero_logits_.defined() ? mean * (-zero_logits_).sigmoid() : mean;
  }

  Tensor log_dispersion_;
  Tensor zero_logits_;
};

/// How the total of a sample, which is taken as given, falls on its numbers.
class Multinomial final : public Distribution {
 public:
  /// @param output [K|1, B|1, E]: ln of the shares up to a constant
  Multinomial(Tensor output, const Tensor& log_total)
      : means_(output, log_total), output_(std::move(output)) {}
  std::string_view family() const override { return "multinomial"; }
  Range support() const override { return {0, INFINITY}; }
  Sample rsample(Draw& draw) const override {
    const auto sizes = sizes_of_draw(output_, draw);
    const auto share = output_.detach().flatten(2).softmax(-1).expand({sizes[0], sizes[1], -1});
    const auto total = (means_.log_mean().exp().sum() / (output_.size(0) * output_.size(1)))
                           .round()
                           .clamp_min(1)
                           .item<std::int64_t>();
    const auto drawn = at::multinomial(share.flatten(0, 1), total, true, draw.generator());
    const auto counts = at::zeros_like(share.flatten(0, 1))
                            .scatter_add_(1, drawn, at::ones_like(drawn, share.options()));
    return {counts.view(sizes), {}};
  }
  /// [K, B, 1, ...]: it does not factorise.
  Tensor log_density(const Tensor& value) const override {
    const auto x = value.to(at::kDouble).flatten(2);
    const auto log_share = output_.to(at::kDouble).flatten(2).log_softmax(-1);
    const auto density = log_factorial(x.sum(-1)) + (x * log_share - log_factorial(x)).sum(-1);
    return density.unsqueeze(-1).to(value.scalar_type());
  }
  Tensor mean() const override { return means_.log_mean().exp(); }
  Tensor mean_given(const Tensor& value, const Tensor& mask) const override {
    return means_.log_mean_given(value, mask).exp().to(value.scalar_type());
  }
  Tensor variance() const override {
    const auto mean = this->mean();
    return mean * (1 - mean / total_of(mean));
  }
  std::vector<std::pair<std::string, Tensor>> parameters() const override {
    return means_.parameters();
  }

 private:
  Means means_;
  Tensor output_;
};

/// ln of the mean total of a training sample, [].
/// @throws ConfigError if the counts are a part of a sample
Tensor log_total_of(const Build& build, const std::string& subject) {
  if (build.train == nullptr)
    throw ConfigError("likelihood " + subject +
                      " takes a sample's total as given, and here counts are a part of a sample; "
                      "use poisson or negative_binomial with mean: exp");
  return build.train->mean().sum().clamp_min(1e-3).log();
}

struct CountParams : ParamSet {
  Choice mean{this,
              "mean",
              "exp",
              {"exp", "share"},
              "exp: e to the decoder's output. share: the total of the sample, which is taken as "
              "given, times the softmax of the output (the library size of a cell; Lopez et al. "
              "2018)."};
};

/// A decoder's output as the mean of a count.
class CountLikelihood : public Likelihood {
 public:
  static constexpr Domain kDomains[] = {Domain::count};

  /// Means are kept above this: a count that was never seen can still be.
  static constexpr double kLeastMean = 1e-4;
  Tensor output_for_mean(const Tensor& mean) const override {
    // Up to a constant, a share's logarithm is that of the mean.
    return mean.clamp_min(kLeastMean).log();
  }

 protected:
  CountLikelihood(const CountParams& params, const Build& build) {
    if (params.mean.is("share"))
      log_total_ = register_buffer("log_total", log_total_of(build, "with mean: share"));
  }
  Means means(const Tensor& output) const { return {output, log_total_}; }

 private:
  Tensor log_total_;  // []
};

class PoissonLikelihood final : public CountLikelihood {
 public:
  struct Params final : CountParams {};
  PoissonLikelihood(const Params& params, const Build& build) : CountLikelihood(params, build) {}
  DistributionPtr distribution(const Tensor& output) const override {
    return std::make_shared<Poisson>(means(output));
  }
};

struct NegativeBinomialParams : CountParams {
  Real dispersion{this,
                  "dispersion",
                  1.0,
                  {1e-8, 1e8},
                  "The variance is m + m^2 / dispersion for a mean m; if it is learned, its first "
                  "value."};
  Choice learned{this,
                 "learned",
                 "per_feature",
                 {"no", "shared", "per_feature", "decoder"},
                 "Whether the dispersion is trained: one for all numbers, one for each, or one for "
                 "each number of each sample from the decoder."};
};

/// The output holds the mean, then the dispersion if it is the decoder's, then the log-odds of a
/// zero.
template <bool kZeroInflated>
class NegativeBinomialLikelihood final : public CountLikelihood {
 public:
  struct Params final : NegativeBinomialParams {};
  NegativeBinomialLikelihood(const Params& params, const Build& build)
      : CountLikelihood(params, build), from_decoder_(params.learned.is("decoder")) {
    log_dispersion_ =
        register_log(*this, "log_dispersion", params.dispersion(), params.learned, build);
  }

  std::vector<std::int64_t> output_shape(std::vector<std::int64_t> event) const override {
    event.front() *= parts();
    return event;
  }
  DistributionPtr distribution(const Tensor& output) const override {
    const auto parts = output.chunk(this->parts(), 2);
    return std::make_shared<NegativeBinomial>(
        means(parts[0]), from_decoder_ ? log_dispersion_ + parts[1] : log_dispersion_,
        kZeroInflated ? parts.back() : Tensor());
  }
  Tensor output_for_mean(const Tensor& mean) const override {
    std::vector<Tensor> all = {CountLikelihood::output_for_mean(mean)};
    if (from_decoder_) all.push_back(at::zeros_like(mean));
    if (kZeroInflated) all.push_back(at::full_like(mean, kRare));
    return at::cat(all, 0);
  }

 private:
  static constexpr double kRare = -12;  // log-odds: nearly no zero is one of these
  std::int64_t parts() const { return 1 + (from_decoder_ ? 1 : 0) + (kZeroInflated ? 1 : 0); }

  bool from_decoder_;
  Tensor log_dispersion_;  // [1, ...] or [E...]
};

class MultinomialLikelihood final : public Likelihood {
 public:
  struct Params final : ParamSet {};
  static constexpr Domain kDomains[] = {Domain::count};
  MultinomialLikelihood(const Params&, const Build& build)
      : log_total_(register_buffer("log_total", log_total_of(build, "multinomial"))) {}
  DistributionPtr distribution(const Tensor& output) const override {
    return std::make_shared<Multinomial>(output, log_total_);
  }
  Tensor output_for_mean(const Tensor& mean) const override {
    return mean.clamp_min(CountLikelihood::kLeastMean).log();
  }

 private:
  Tensor log_total_;  // []
};

}  // namespace

VARIA_PLUGIN("count_likelihoods", "1.0.0") {
  registry.add<PoissonLikelihood>("poisson", "Poisson counts (Poisson 1837).");
  registry.add<NegativeBinomialLikelihood<false>>(
      "negative_binomial", "Counts that vary more than Poisson's, of cells (Lopez et al. 2018).");
  registry.add<NegativeBinomialLikelihood<true>>(
      "zero_inflated_negative_binomial",
      "The same with zeros that have nothing to do with the count (Lopez et al. 2018).");
  registry.add<MultinomialLikelihood>(
      "multinomial", "How a sample's total falls on its numbers, of words (Liang et al. 2018).");
}
