#include "von_mises_fisher.hpp"

#include <ATen/Functions.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace varia::models {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// From here on the series would be long, and the expansion is exact to 1e-9.
constexpr double kLarge = 1e4;

/// By the power series, whose terms are all positive, or by Debye's expansion (DLMF 10.41.3).
double log_bessel(double order, double x) {
  if (!(x < kLarge)) {
    const double root = std::hypot(order, x);
    const double p = order / root;
    return root + order * std::log(x / (order + root)) -
           0.5 * std::log(2 * std::numbers::pi * root) + std::log1p((3 - 5 * p * p) / (24 * root));
  }
  const double square = x * x / 4;
  double term = 1, sum = 1, log_scale = 0;
  for (int m = 1; term > 1e-17 * sum; ++m) {
    term *= square / (m * (order + m));
    sum += term;
    if (sum > 1e250) {
      sum *= 1e-250;
      term *= 1e-250;
      log_scale += 250 * std::numbers::ln10;
    }
  }
  return order * std::log(x / 2) - std::lgamma(order + 1) + std::log(sum) + log_scale;
}

/// By its continued fraction 1 / (2 (v + 1) / x + 1 / (2 (v + 2) / x + ...)), from the far end,
/// where it stands between two bounds that are close (Amos 1974).
double bessel_ratio(double order, double x) {
  double v = order + 60 + std::min(std::ceil(x), kLarge);
  double ratio = x / (v + 0.5 + std::hypot(v + 1, x));
  for (; v > order; v -= 1) ratio = 1 / (2 * v / x + ratio);
  return ratio;
}

template <class Function>
Tensor elementwise(const Function& function, const Tensor& x) {
  const auto in = x.to(at::kCPU, at::kDouble).contiguous();
  auto out = at::empty_like(in);
  for (std::int64_t i = 0; i < in.numel(); ++i)
    out.data_ptr<double>()[i] = function(in.data_ptr<double>()[i]);
  return out.to(x.device());
}

class LogBessel final : public torch::autograd::Function<LogBessel> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& x, double order) {
    context->save_for_backward({x});
    context->saved_data["order"] = order;
    return elementwise([order](double one) { return log_bessel(order, one); }, x);
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto x = context->get_saved_variables()[0];
    const double order = context->saved_data["order"].toDouble();
    const auto ratio = elementwise([order](double one) { return bessel_ratio(order, one); }, x);
    return {(gradients[0] * (ratio + order / x.to(at::kDouble))).to(x.scalar_type()), Tensor()};
  }
};

class BesselRatio final : public torch::autograd::Function<BesselRatio> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& x, double order) {
    const auto ratio = elementwise([order](double one) { return bessel_ratio(order, one); }, x);
    context->save_for_backward({x, ratio});
    context->saved_data["order"] = order;
    return ratio;
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const double order = context->saved_data["order"].toDouble();
    const auto& ratio = saved[1];
    const auto slope = 1 - ratio.square() - (2 * order + 1) / saved[0].to(at::kDouble) * ratio;
    return {(gradients[0] * slope).to(saved[0].scalar_type()), Tensor()};
  }
};

Tensor unit_length(const Tensor& vectors) {
  return vectors / vectors.norm(2, -1, true).clamp_min(1e-12);
}

}  // namespace

Tensor log_bessel(double order, const Tensor& x) { return LogBessel::apply(x, order); }
Tensor bessel_ratio(double order, const Tensor& x) { return BesselRatio::apply(x, order); }

Sample UniformSphere::rsample(Draw& draw) const {
  return {unit_length(draw.normal({draw.samples(), 1, dimensions_})), {}};
}

Tensor UniformSphere::log_density(const Tensor& value) const {
  return at::full_like(value.slice(-1, 0, 1), log_constant());
}

Tensor UniformSphere::mean() const {
  return at::zeros({1, 1, dimensions_}, at::TensorOptions(at::kFloat).device(device_));
}

double UniformSphere::log_constant() const {
  const double half = 0.5 * static_cast<double>(dimensions_);
  return std::lgamma(half) - std::numbers::ln2 - half * std::log(std::numbers::pi);
}

VonMisesFisher::VonMisesFisher(Tensor direction, Tensor concentration)
    : direction_(std::move(direction)), concentration_(std::move(concentration)) {}

Sample VonMisesFisher::rsample(Draw& draw) const {
  auto sizes = direction_.sizes().vec();
  if (sizes[0] == 1) sizes[0] = draw.samples();
  const auto rest = static_cast<double>(sizes[2] - 1);
  const auto k = concentration_.to(at::kDouble).expand({sizes[0], sizes[1], 1});
  // Of Wood's b = (root - 2 k) / rest, without the difference, which cancels.
  const auto b = rest / ((4 * k.square() + rest * rest).sqrt() + 2 * k);
  const auto along = [&b](const Tensor& e) { return (1 - (1 + b) * e) / (1 - (1 - b) * e); };
  Tensor accepted, tangent;
  {
    const at::NoGradGuard no_grad;
    const auto x = (1 - b) / (1 + b);
    const auto least = k * x + rest * (1 - x.square()).log();
    auto open = at::ones_like(k).to(at::kBool);
    while (open.any().item<bool>()) {
      // One coordinate of a uniform direction has the proposals' law, and the others are a uniform
      // direction among themselves.
      const auto uniform = unit_length(draw.normal(sizes)).to(at::kDouble);
      const auto e = 0.5 * (1 + uniform.slice(-1, 0, 1));
      const auto w = along(e);
      // What is not a number is taken, and found by the training loop.
      const auto good = (k * w + rest * (1 - x * w).log() - least <
                         draw.uniform({sizes[0], sizes[1], 1}).to(at::kDouble).log())
                            .logical_not();
      const auto take = open.logical_and(good);
      const auto others = unit_length(uniform.slice(-1, 1));
      accepted = accepted.defined() ? at::where(take, e, accepted) : e;
      tangent = tangent.defined() ? at::where(take, others, tangent) : others;
      open = open.logical_and(good.logical_not());
    }
  }
  const auto w = along(accepted);
  const auto around_first = at::cat({w, (1 - w.square()).clamp_min(1e-24).sqrt() * tangent}, -1)
                                .to(direction_.scalar_type());
  // The reflection that takes the first axis to the direction.
  auto first = at::zeros_like(direction_);
  first.select(-1, 0).fill_(1);
  const auto mirror = unit_length(first - direction_);
  return {around_first - 2 * (around_first * mirror).sum(-1, true) * mirror, {}};
}

Tensor VonMisesFisher::log_constant() const {
  const double half = 0.5 * static_cast<double>(direction_.size(-1));
  const auto k = concentration_.to(at::kDouble);
  return (half - 1) * k.log() - half * std::log(2 * std::numbers::pi) - log_bessel(half - 1, k);
}

Tensor VonMisesFisher::log_density(const Tensor& value) const {
  const auto cosine = (direction_ * value).sum(-1, true).to(at::kDouble);
  return (concentration_.to(at::kDouble) * cosine + log_constant()).to(value.scalar_type());
}

Tensor VonMisesFisher::mean() const {
  const double order = 0.5 * static_cast<double>(direction_.size(-1)) - 1;
  return (bessel_ratio(order, concentration_.to(at::kDouble)) * direction_)
      .to(direction_.scalar_type());
}

Tensor VonMisesFisher::kl_to(const Distribution& prior) const {
  if (prior.family() != UniformSphere::kFamily) return {};
  const auto dimensions = direction_.size(-1);
  const auto k = concentration_.to(at::kDouble);
  const double order = 0.5 * static_cast<double>(dimensions) - 1;
  const double uniform = UniformSphere(dimensions, direction_.device()).log_constant();
  return (k * bessel_ratio(order, k) + log_constant() - uniform).to(direction_.scalar_type());
}

}  // namespace varia::models
