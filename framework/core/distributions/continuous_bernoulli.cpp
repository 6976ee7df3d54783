#include <ATen/Functions.h>

#include "core/distributions/distribution_support.hpp"
#include "varia/distributions.hpp"

namespace varia {

namespace {

// Below this the closed forms cancel in float32, and their Taylor series in the logit are exact to
// rounding. All are even or odd in the logit, so they are written for its magnitude.
constexpr double kNearZero = 0.3;

/// Replaces logits near zero, so that neither branch of a `where` has a gradient that is not
/// finite.
Tensor away_from_zero(const Tensor& logits, const Tensor& near) {
  return at::where(near, at::ones_like(logits), logits);
}

/// ln C = ln(l / tanh(l / 2)) for the logit l; 2 at l = 0.
/// @see Loaiza-Ganem & Cunningham 2019, equation 9, written in the logit
Tensor log_normaliser(const Tensor& logits) {
  const auto near = logits.abs() < kNearZero;
  const auto size = away_from_zero(logits, near).abs();
  // tanh(l / 2) = (1 - e^-l) / (1 + e^-l)
  const auto far_value = size.log() + at::log1p((-size).exp()) - at::log(-at::expm1(-size));
  const auto square = logits.square();
  const auto series = 0.69314718055994530942 +
                      square * (1.0 / 12 + square * (-7.0 / 1440 + square / 2835 * 31 / 32));
  return at::where(near, series, far_value);
}

}  // namespace

ContinuousBernoulli::ContinuousBernoulli(Tensor logits) : logits_(std::move(logits)) {}

Sample ContinuousBernoulli::rsample(Draw& draw) const {
  // F(x) = (e^(l x) - 1) / (e^l - 1), so x = ln(1 + u (e^l - 1)) / l. Mirrored for l > 0,
  // since e^l would overflow.
  const auto uniform = draw.uniform(rsample_shape(logits_, draw.samples()));
  const auto near = logits_.abs() < 1e-3;
  const auto size = away_from_zero(logits_, near).abs();
  const auto mirrored = -at::log1p(uniform * at::expm1(-size)) / size;  // for the logit -l
  const auto value = at::where(logits_ > 0, 1 - mirrored, mirrored);
  const auto series = uniform + logits_ * uniform * (1 - uniform) / 2;
  return {at::where(near, series, value), {}};
}

Tensor ContinuousBernoulli::log_density(const Tensor& value) const {
  return value * logits_ - at::softplus(logits_) + log_normaliser(logits_);
}

Tensor ContinuousBernoulli::mean() const {
  // For the logit -s it is 1 / s - 1 / (e^s - 1), written with e^-s, which cannot overflow; for s
  // it is 1 minus that.
  const auto near = logits_.abs() < kNearZero;
  const auto size = away_from_zero(logits_, near).abs();
  const auto mirrored = 1 / size + (-size).exp() / at::expm1(-size);
  const auto far_value = at::where(logits_ > 0, 1 - mirrored, mirrored);
  const auto square = logits_.square();
  const auto series = 0.5 + logits_ * (1.0 / 12 + square * (-1.0 / 720 + square / 30240));
  return at::where(near, series, far_value);
}

Tensor ContinuousBernoulli::variance() const {
  // 1 / l^2 - 1 / (4 sinh^2(l / 2))
  const auto near = logits_.abs() < kNearZero;
  const auto size = away_from_zero(logits_, near).abs();
  const auto decay = (-size).exp();
  const auto far_value = 1 / size.square() - decay / (1 - decay).square();
  const auto square = logits_.square();
  const auto series = 1.0 / 12 + square * (-1.0 / 240 + square / 6048);
  return at::where(near, series, far_value);
}

}  // namespace varia
