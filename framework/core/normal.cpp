#include <ATen/Functions.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "rsample_shape.hpp"
#include "varia/distributions.hpp"

namespace varia {

namespace {
constexpr double kLogTwoPi = 1.8378770664093454836;  // ln(2 pi)
}

Normal::Normal(Tensor mean, Tensor log_var)
    : mean_(std::move(mean)), log_var_(std::move(log_var)) {}

std::shared_ptr<const Normal> Normal::unit(at::IntArrayRef event, torch::Device device) {
  std::vector<std::int64_t> sizes = {1, 1};
  sizes.insert(sizes.end(), event.begin(), event.end());
  const auto zero = at::zeros(sizes, at::TensorOptions(at::kFloat).device(device));
  auto unit = std::make_shared<Normal>(zero, zero);
  unit->unit_ = true;
  return unit;
}

Sample Normal::rsample(Draw& draw) const {
  const auto noise = draw.normal(rsample_shape(mean_, draw.samples()));
  return {at::addcmul(mean_, (0.5 * log_var_).exp(), noise), {}};
}

Tensor Normal::log_density(const Tensor& value) const {
  if (unit_) return -0.5 * value.square() - 0.5 * kLogTwoPi;
  return -0.5 * ((value - mean_).square() * (-log_var_).exp() + log_var_ + kLogTwoPi);
}

Tensor Normal::kl_to(const Distribution& prior) const {
  if (prior.family() != kFamily) return {};
  const auto& other = static_cast<const Normal&>(prior);
  if (other.is_unit()) return kl_to_unit_normal(mean_, log_var_);
  const auto log_ratio = log_var_ - other.log_var_;
  return 0.5 * (log_ratio.exp() + (mean_ - other.mean_).square() * (-other.log_var_).exp() - 1 -
                log_ratio);
}

Tensor kl_to_unit_normal(const Tensor& mean, const Tensor& log_var) {
  return 0.5 * (mean.square() + log_var.exp() - 1 - log_var);
}

Laplace::Laplace(Tensor mean, Tensor log_scale)
    : mean_(std::move(mean)), log_scale_(std::move(log_scale)) {}

Sample Laplace::rsample(Draw& draw) const {
  // The difference of two exponential draws is a Laplace draw, without cancellation near 0 or 1.
  const auto shape = rsample_shape(mean_, draw.samples());
  const auto noise = draw.uniform(shape).log() - draw.uniform(shape).log();
  return {mean_ + log_scale_.exp() * noise, {}};
}

Tensor Laplace::log_density(const Tensor& value) const {
  return -(value - mean_).abs() * (-log_scale_).exp() - log_scale_ - std::numbers::ln2;
}

}  // namespace varia
