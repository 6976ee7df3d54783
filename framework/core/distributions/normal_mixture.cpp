#include "varia/normal_mixture.hpp"

#include <ATen/Functions.h>

#include <cmath>

#include "core/distributions/distribution_support.hpp"

namespace varia {

NormalMixture::NormalMixture(Tensor means, Tensor log_vars)
    : means_(std::move(means)), log_vars_(std::move(log_vars)) {}

Sample NormalMixture::rsample(Draw& draw) const {
  const auto components = means_.size(0);
  const auto chosen = draw.uniform({draw.samples()})
                          .mul(static_cast<double>(components))
                          .to(at::kLong)
                          .clamp_max(components - 1);
  const auto mean = means_.index_select(0, chosen).unsqueeze(1);
  const auto deviation = (0.5 * log_vars_.index_select(0, chosen)).exp().unsqueeze(1);
  return {mean + deviation * draw.normal(mean.sizes()), {}};
}

Tensor NormalMixture::log_density(const Tensor& value) const {
  // Multiplied out, the squares of all pairs are two matrix products and need no [K, B, M, D].
  // float64 has digits enough for the cancellation.
  const auto z = value.to(at::kDouble);
  const auto mean = means_.to(at::kDouble);
  const auto log_var = log_vars_.to(at::kDouble);
  const auto precision = (-log_var).exp();
  const auto constant = (mean.square() * precision + log_var + kLogTwoPi).sum(-1);  // [M]
  const auto squares =
      at::matmul(z.square(), precision.t()) - 2 * at::matmul(z, (mean * precision).t());
  const auto each = -0.5 * (squares + constant);  // [K, B, M]
  return (at::logsumexp(each, -1, true) - std::log(static_cast<double>(means_.size(0))))
      .to(value.scalar_type());
}

Tensor NormalMixture::mean() const { return means_.mean(0).view({1, 1, -1}); }

Tensor NormalMixture::variance() const {
  const auto between = means_.var(0, false);
  return (log_vars_.exp().mean(0) + between).view({1, 1, -1});
}

}  // namespace varia
