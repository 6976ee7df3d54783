#pragma once

#include <optional>

#include "varia/distribution.hpp"

namespace varia {

/// A diagonal Gaussian.
class VARIA_API Normal final : public Distribution {
 public:
  static constexpr std::string_view kFamily = "normal";
  /// @param mean    [K|1, B|1, E]
  /// @param log_var broadcastable to mean: natural logarithm of the variance
  Normal(Tensor mean, Tensor log_var);
  /// N(0, I) over events of the given size; broadcasts over K and B.
  static std::shared_ptr<const Normal> unit(at::IntArrayRef event, torch::Device device);

  std::string_view family() const override { return kFamily; }
  Sample rsample(Draw& draw) const override;
  Tensor log_density(const Tensor& value) const override;
  /// One node of the graph if the variance is shared by the batch.
  Tensor log_prob(const Tensor& value) const override;
  Tensor mean() const override { return mean_; }
  Tensor variance() const override { return log_var_.exp().expand_as(mean_); }
  const Tensor& log_var() const { return log_var_; }
  std::vector<std::pair<std::string, Tensor>> parameters() const override {
    return {{"mean", mean_}, {"log_var", log_var_}};
  }
  /// To another Normal. @see Kingma & Welling 2014, appendix B
  Tensor kl_to(const Distribution& prior) const override;
  /// True for N(0, I), whose KL divergence has a shorter form.
  bool is_unit() const { return unit_; }

 private:
  Tensor mean_;
  Tensor log_var_;
  bool unit_ = false;
};

/// A Laplace distribution per element.
class VARIA_API Laplace final : public Distribution {
 public:
  static constexpr std::string_view kFamily = "laplace";
  /// @param mean      [K|1, B|1, E]
  /// @param log_scale broadcastable to mean: natural logarithm of the scale b
  Laplace(Tensor mean, Tensor log_scale);
  std::string_view family() const override { return kFamily; }
  Sample rsample(Draw& draw) const override;
  /// -|value - mean| / b - ln(2 b)
  Tensor log_density(const Tensor& value) const override;
  /// One node of the graph if the scale is shared by the batch.
  Tensor log_prob(const Tensor& value) const override;
  Tensor mean() const override { return mean_; }
  Tensor variance() const override { return (2 * (2 * log_scale_).exp()).expand_as(mean_); }
  std::vector<std::pair<std::string, Tensor>> parameters() const override {
    return {{"mean", mean_}, {"log_scale", log_scale_}};
  }

 private:
  Tensor mean_;
  Tensor log_scale_;
};

/// Bernoulli with the logarithm of the odds as parameter. Values in [0, 1] are accepted: grey
/// pixels give the cross-entropy that the field calls "binary cross-entropy".
class VARIA_API Bernoulli final : public Distribution {
 public:
  static constexpr std::string_view kFamily = "bernoulli";
  /// @param logits [K|1, B|1, E]
  explicit Bernoulli(Tensor logits);
  std::string_view family() const override { return kFamily; }
  Range support() const override { return {0, 1}; }
  /// Zeros and ones; no gradient flows through them.
  Sample rsample(Draw& draw) const override;
  /// value * logit - ln(1 + e^logit), finite for every finite logit.
  Tensor log_density(const Tensor& value) const override;
  /// The same, summed, as one node of the graph.
  Tensor log_prob(const Tensor& value) const override;
  Tensor mean() const override { return logits_.sigmoid(); }
  Tensor variance() const override;
  const Tensor& logits() const { return logits_; }
  std::vector<std::pair<std::string, Tensor>> parameters() const override {
    return {{"logits", logits_}};
  }

 private:
  Tensor logits_;
};

/// The continuous Bernoulli on [0, 1]: Bernoulli's form, normalised.
/// @see Loaiza-Ganem & Cunningham 2019
class VARIA_API ContinuousBernoulli final : public Distribution {
 public:
  static constexpr std::string_view kFamily = "continuous_bernoulli";
  /// @param logits [K|1, B|1, E]: ln(lambda / (1 - lambda))
  explicit ContinuousBernoulli(Tensor logits);
  std::string_view family() const override { return kFamily; }
  Range support() const override { return {0, 1}; }
  /// By the inverse of its distribution function.
  Sample rsample(Draw& draw) const override;
  /// value * logit - ln(1 + e^logit) + ln C(lambda)
  Tensor log_density(const Tensor& value) const override;
  Tensor mean() const override;
  Tensor variance() const override;
  std::vector<std::pair<std::string, Tensor>> parameters() const override {
    return {{"logits", logits_}};
  }

 private:
  Tensor logits_;
};

/// How draws of a categorical variable are relaxed so that gradients flow through them.
struct Relaxation {
  double temperature = 1;         ///< positive; towards 0 the draws become one-hot
  bool straight_through = false;  ///< one-hot values with the gradient of the relaxed ones
};

/// One of D categories, as a one-hot vector.
class VARIA_API Categorical final : public Distribution {
 public:
  static constexpr std::string_view kFamily = "categorical";
  /// @param logits     [K|1, B|1, D], any real numbers: ln p up to a constant
  /// @param relaxation unset: draws are one-hot and no gradient flows through them
  explicit Categorical(const Tensor& logits, std::optional<Relaxation> relaxation = {});
  /// Equal probabilities; broadcasts over K and B.
  static std::shared_ptr<const Categorical> uniform(std::int64_t categories, torch::Device device);

  std::string_view family() const override { return kFamily; }
  /// By the Gumbel-max trick; relaxed, a Gumbel-softmax draw. Finite for all finite logits.
  /// @see Jang et al. 2017, equations 1 and 2
  Sample rsample(Draw& draw) const override;
  /// ln of the probability of a one-hot value, [K, B, 1]; linear in between. Of a relaxed draw this
  /// is not its density.
  Tensor log_density(const Tensor& value) const override;
  /// The probabilities.
  Tensor mean() const override { return log_probabilities_.exp(); }
  /// The most probable category, one-hot.
  Tensor mode() const override;
  Tensor variance() const override;
  std::vector<std::pair<std::string, Tensor>> parameters() const override {
    return {{"log_probabilities", log_probabilities_}};
  }
  /// To another Categorical, [K|1, B, 1]. @see Dupont 2018, appendix A.2
  Tensor kl_to(const Distribution& prior) const override;
  /// [K|1, B] nats
  Tensor entropy() const;
  /// [K|1, B, D]
  const Tensor& log_probabilities() const { return log_probabilities_; }

 private:
  Tensor log_probabilities_;
  std::optional<Relaxation> relaxation_;
};

/// KL(q || N(0, I)) of a diagonal Gaussian.
/// @param mean    [K|1, B, D]
/// @param log_var [K|1, B, D], natural logarithm of the variance
/// @returns       [K|1, B, D] nats, never negative up to rounding
/// @see Kingma & Welling 2014, appendix B
VARIA_API Tensor kl_to_unit_normal(const Tensor& mean, const Tensor& log_var);

}  // namespace varia
