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

/// Draws as seen from the first axis.
struct Directions {
  Tensor cosine;   ///< [K, B, 1] float64, to the first axis; gradients flow to the concentration
  Tensor tangent;  ///< [K, B, D - 1], of length 1: the direction around that axis
};

/// In three dimensions, by the inverse of the cosine's distribution function.
/// @param k [K, B, 1] float64, the concentration
Directions by_inverse(const Tensor& k, Draw& draw) {
  const auto uniform = draw.uniform(k.sizes()).to(at::kDouble);
  return {1 + (uniform * (-2 * k).expm1()).log1p() / k,
          unit_length(draw.normal({k.size(0), k.size(1), 2})).to(at::kDouble)};
}

/// Points and weights of an integral from 0 to 1, [n].
/// @see Golub & Welsch 1969
std::pair<Tensor, Tensor> gauss_legendre(std::int64_t n) {
  const auto i = at::arange(1, n, at::kDouble);
  const auto beside = at::diag(i / (4 * i.square() - 1).sqrt(), 1);
  const auto [values, vectors] = at::linalg_eigh(beside + beside.t());
  return {0.5 * (values + 1), vectors[0].square()};
}

/// Wood's rejection sampler: the first coordinate 1 - 2 e of a uniform direction gives a cosine.
class Rejection {
 public:
  /// @param k          [K, B, 1] float64, the concentration
  /// @param dimensions D
  Rejection(const Tensor& k, std::int64_t dimensions)
      : k_(k),
        dimensions_(dimensions),
        rest_(static_cast<double>(dimensions - 1)),
        // Of Wood's b = (root - 2 k) / rest, without the difference, which cancels.
        b_(rest_ / ((4 * k.square() + rest_ * rest_).sqrt() + 2 * k)),
        x_((1 - b_) / (1 + b_)),
        least_(log_ratio(x_)) {}

  /// The accepted proposals e, [K, B, 1] float64, and the draws' tangents.
  std::pair<Tensor, Tensor> propose(Draw& draw) const {
    Tensor accepted, tangent;
    auto open = at::ones_like(k_).to(at::kBool);
    while (open.any().item<bool>()) {
      // One coordinate of a uniform direction has the proposals' law, and the others are a uniform
      // direction among themselves.
      const auto uniform =
          unit_length(draw.normal({k_.size(0), k_.size(1), dimensions_})).to(at::kDouble);
      const auto e = 0.5 * (1 + uniform.slice(-1, 0, 1));
      // What is not a number is taken, and found by the training loop.
      const auto good =
          (log_ratio(cosine(e)) - least_ < draw.uniform(k_.sizes()).to(at::kDouble).log())
              .logical_not();
      const auto take = open.logical_and(good);
      const auto others = unit_length(uniform.slice(-1, 1));
      accepted = accepted.defined() ? at::where(take, e, accepted) : e;
      tangent = tangent.defined() ? at::where(take, others, tangent) : others;
      open = open.logical_and(good.logical_not());
    }
    return {accepted, tangent};
  }

  Tensor cosine(const Tensor& e) const { return (1 - (1 + b_) * e) / (1 - (1 - b_) * e); }

  /// dw / dk of the cosine w of an accepted e: that at which the distribution function F of cosines
  /// stays what it is, -(dF / dk) / (dF / dw). What is accepted depends on k too, so that the slope
  /// of `cosine` at a fixed e is another one.
  ///
  /// dF / dk is the integral over all cosines t below w of (t - E[t]) and their density. It is
  /// taken over the angles of proposals, in which that density is as wide for every k.
  /// @see Figurnov et al. 2018, equation 6
  Tensor slope(const Tensor& e) const {
    static const auto rule = gauss_legendre(32);
    constexpr double kNearlyOne = 1 - 1e-12;
    constexpr double kDeviations = 10;  // beyond them nothing is left of the density
    const auto mean = models::bessel_ratio(0.5 * (rest_ - 1), k_);
    const auto w = cosine(e);
    const auto angle = (1 - 2 * e).clamp(-kNearlyOne, kNearlyOne).acos();
    // Both sides of w have the same integral. On the one away from the mean nothing cancels.
    const auto end = std::numbers::pi * (w < mean).to(at::kDouble);
    const double most = kDeviations / std::sqrt(rest_);
    const auto length = (end - angle).clamp(-most, most);
    const auto angles = angle + length * rule.first.to(k_.device());  // [K, B, n]
    const auto cosines = cosine(0.5 * (1 - angles.cos()));
    const auto density =
        ((rest_ - 1) * (angles.sin() / angle.sin()).log() + log_ratio(cosines) - log_ratio(w))
            .exp();
    const auto integral =
        length * ((mean - cosines) * density * rule.second.to(k_.device())).sum(-1, true);
    const auto dw_de = 2 * b_ / (1 - (1 - b_) * e).square();
    return integral * dw_de * 0.5 * angle.sin();
  }

 private:
  /// ln of the cosines' density over that of proposals, up to a constant.
  Tensor log_ratio(const Tensor& w) const { return k_ * w + rest_ * (1 - x_ * w).log(); }

  Tensor k_;
  std::int64_t dimensions_;
  double rest_;
  Tensor b_, x_, least_;  // least_: of log_ratio
};

Directions by_rejection(const Tensor& k, std::int64_t dimensions, Draw& draw) {
  const bool differentiated = at::GradMode::is_enabled() && k.requires_grad();
  const at::NoGradGuard no_grad;
  const Rejection rejection(k, dimensions);
  const auto [e, tangent] = rejection.propose(draw);
  auto cosine = rejection.cosine(e);
  if (differentiated) {
    const auto slope = rejection.slope(e);
    const at::AutoGradMode grad(true);
    cosine = cosine + slope * (k - k.detach());
  }
  return {cosine, tangent};
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

Tensor UniformSphere::variance() const {
  return at::full({1, 1, dimensions_}, 1 / static_cast<double>(dimensions_),
                  at::TensorOptions(at::kFloat).device(device_));
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
  const auto k = concentration_.to(at::kDouble).expand({sizes[0], sizes[1], 1});
  const auto [w, tangent] = sizes[2] == 3 ? by_inverse(k, draw) : by_rejection(k, sizes[2], draw);
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
