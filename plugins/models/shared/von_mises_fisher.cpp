#include "von_mises_fisher.hpp"

#include <ATen/Functions.h>
#include <ATen/TracerMode.h>

#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>
#include <numbers>
#include <vector>

#include "varia/device.hpp"

namespace varia::models {

namespace {

/// `value`, whose derivative by x is `slope`; neither has gradients itself.
Tensor with_slope(const Tensor& value, const Tensor& slope, const Tensor& x) {
  return value + slope * (x - x.detach());
}

Tensor unit_length(const Tensor& vectors) {
  return vectors / vectors.norm(2, -1, true).clamp_min(1e-12);
}

/// Draws as seen from the first axis.
struct Directions {
  Tensor cosine;   ///< [K, B, 1] float64, to the first axis; gradients flow to the concentration
  Tensor tangent;  ///< [K, B, D - 1], of length 1: the direction around that axis
};

/// In three dimensions, by the inverse of the cosine's distribution function.
/// @param k [K|1, B, 1] float64, the concentration
Directions by_inverse(const Tensor& k, at::IntArrayRef sizes, Draw& draw) {
  const auto uniform = draw.uniform({sizes[0], sizes[1], 1}).to(at::kDouble);
  return {1 + (uniform * (-2 * k).expm1()).log1p() / k,
          unit_length(draw.normal({sizes[0], sizes[1], 2})).to(at::kDouble)};
}

/// Points between -1 and 1 of an integral, and their weights.
struct Quadrature {
  std::vector<double> points, weights;
};

/// [n]. No operation makes them, which the trace of a model would record.
Tensor on(torch::Device device, std::vector<double>& numbers) {
  const auto count = static_cast<std::int64_t>(numbers.size());
  return to_device(at::from_blob(numbers.data(), {count}, at::kDouble), device);
}

/// @tparam n even
template <unsigned n>
Quadrature& gauss_legendre() {
  static auto rule = [] {
    using Gauss = boost::math::quadrature::gauss<double, n>;  // it has the positive half
    Quadrature made;
    for (std::size_t i = 0; i < Gauss::abscissa().size(); ++i) {
      for (const double side : {-1.0, 1.0}) {
        made.points.push_back(side * Gauss::abscissa()[i]);
        made.weights.push_back(Gauss::weights()[i]);
      }
    }
    return made;
  }();
  return rule;
}

/// Wood's proposals for the cosine w of a draw to its direction. The first coordinate 1 - 2 e of a
/// uniform direction gives w = 1 - 2 b e / A, A = 1 - (1 - b) e, whose density is close to that of
/// draws for every concentration. Integrals are taken over the angle of e for that reason.
/// @see Wood 1994
class Proposals {
 public:
  /// @param k          the concentration, float64, without gradients; its last dimension is that
  ///                   of the arguments e below
  /// @param dimensions D
  Proposals(const Tensor& k, double dimensions)
      : k_(k),
        rest_(dimensions - 1),
        // Of Wood's b = (root - 2 k) / rest, without the difference, which cancels.
        b_(rest_ / ((4 * k.square() + rest_ * rest_).sqrt() + 2 * k)) {}

  Tensor cosine(const Tensor& e) const { return 1 - distance(e); }
  /// 1 - w, exact for draws near to their direction.
  Tensor distance(const Tensor& e) const { return 2 * b_ * e / shrunk(e); }
  /// ln of the density of draws over that of proposals, at most 0.
  Tensor log_ratio(const Tensor& e) const { return unscaled_log_ratio(e) - largest_log_ratio(); }
  /// ln of the integral of exp(k w) (1 - w^2)^((D - 3) / 2) over that of (1 - w^2)^((D - 3) / 2),
  /// less k; and the mean of 1 - w.
  std::pair<Tensor, Tensor> moments() const;
  /// dw / dk of the cosine w of an accepted e: that at which the distribution function F of cosines
  /// stays what it is, -(dF / dk) / (dF / dw). What is accepted depends on k too, so that the slope
  /// of `cosine` at a fixed e is another one.
  ///
  /// dF / dk is the integral over all cosines t below w of (t - E[t]) and their density.
  /// @param mean_distance E[1 - t]
  /// @see Figurnov et al. 2018, equation 6
  Tensor slope(const Tensor& e, const Tensor& mean_distance) const;

 private:
  static constexpr double kDeviations = 10;  // beyond them nothing is left of a density

  /// Of the angle of e, how far integrals go.
  double reach() const { return kDeviations / std::sqrt(rest_); }
  Tensor shrunk(const Tensor& e) const { return 1 - (1 - b_) * e; }  // A
  Tensor unscaled_log_ratio(const Tensor& e) const {
    return -k_ * distance(e) - rest_ * shrunk(e).log();
  }
  /// At e = 1/2.
  Tensor largest_log_ratio() const {
    return -2 * k_ * b_ / (1 + b_) - rest_ * (0.5 * (1 + b_)).log();
  }

  Tensor k_;
  double rest_;
  Tensor b_;
};

std::pair<Tensor, Tensor> Proposals::moments() const {
  auto& rule = gauss_legendre<64>();
  const double length = std::min(reach(), 0.5 * std::numbers::pi);
  const auto angles = 0.5 * std::numbers::pi + length * on(k_.device(), rule.points);
  const auto e = 0.5 * (1 - angles.cos());
  const auto density = length * on(k_.device(), rule.weights) *
                       ((rest_ - 1) * angles.sin().log() + log_ratio(e)).exp();
  const auto mass = density.sum(-1, true);
  const double uniform_mass =
      0.5 * std::log(std::numbers::pi) + std::lgamma(0.5 * rest_) - std::lgamma(0.5 * (rest_ + 1));
  return {0.5 * rest_ * b_.log() + largest_log_ratio() + mass.log() - uniform_mass,
          (distance(e) * density).sum(-1, true) / mass};
}

Tensor Proposals::slope(const Tensor& e, const Tensor& mean_distance) const {
  auto& rule = gauss_legendre<32>();
  constexpr double kNearlyOne = 1 - 1e-12;
  const auto angle = (1 - 2 * e).clamp(-kNearlyOne, kNearlyOne).acos();
  // Both sides of w have the same integral. On the one away from the mean nothing cancels.
  const auto end = std::numbers::pi * (distance(e) > mean_distance).to(at::kDouble);
  const auto length = 0.5 * (end - angle).clamp(-reach(), reach());
  const auto angles = angle + length * (1 + on(k_.device(), rule.points));
  const auto es = 0.5 * (1 - angles.cos());
  const auto density =
      ((rest_ - 1) * (angles.sin() / angle.sin()).log() + log_ratio(es) - log_ratio(e)).exp();
  const auto weights = on(k_.device(), rule.weights);
  const auto integral = length * ((distance(es) - mean_distance) * density * weights).sum(-1, true);
  const auto dw_de = 2 * b_ / shrunk(e).square();
  return integral * dw_de * 0.5 * angle.sin();
}

/// Proposals for each draw. One of them at least is accepted but for 1 draw of 10^7 in two
/// dimensions, 10^8 in more: less than the rounding of the numbers drawn. The first one stands
/// then.
///
/// Their number is fixed, so that nothing that was drawn decides what is done next: a device would
/// have to be waited for, and a trace could not record it.
constexpr std::int64_t kProposals = 16;

/// An accepted e of each draw, [K, B, 1].
Tensor accepted(const Proposals& proposals, std::int64_t dimensions, const Tensor& uniform) {
  const auto parts = uniform.to(at::kDouble).chunk(3, -1);
  // One coordinate of a uniform direction (Ulrich 1984).
  const double power = 2 / static_cast<double>(dimensions - 2);  // infinite in two dimensions
  const auto first =
      (-(power * parts[0].log()).expm1()).sqrt() * (2 * std::numbers::pi * parts[1]).cos();
  const auto e = 0.5 * (1 + first);
  // argmax gives the first one of several.
  const auto good = proposals.log_ratio(e) >= parts[2].log();
  return e.gather(-1, good.to(at::kByte).argmax(-1, true));
}

/// By rejection. No gradients flow through what is drawn but by its slope.
Directions by_rejection(const Tensor& k, const Tensor& mean_cosine, at::IntArrayRef sizes,
                        Draw& draw) {
  const Proposals proposals(k.detach(), static_cast<double>(sizes[2]));
  const auto e = accepted(proposals, sizes[2], draw.uniform({sizes[0], sizes[1], 3 * kProposals}));
  const auto tangent = unit_length(draw.normal({sizes[0], sizes[1], sizes[2] - 1}));
  auto cosine = proposals.cosine(e);
  // A trace is made without gradients, and may be trained later.
  if ((at::GradMode::is_enabled() && k.requires_grad()) || at::tracer::impl::is_dispatch_enabled())
    cosine = with_slope(cosine, proposals.slope(e, 1 - mean_cosine.detach()), k);
  return {cosine, tangent.to(at::kDouble)};
}

}  // namespace

Bessel bessel(double order, const Tensor& x) {
  const auto k = x.detach().to(at::kDouble).unsqueeze(-1);
  const auto [log_mean, distance] = Proposals(k, 2 * order + 2).moments();
  const auto point = k.squeeze(-1), ratio = 1 - distance.squeeze(-1);
  const auto log =
      point + order * (0.5 * point).log() - std::lgamma(order + 1) + log_mean.squeeze(-1);
  return {with_slope(log, ratio + order / point, x),
          with_slope(ratio, 1 - ratio.square() - (2 * order + 1) / point * ratio, x)};
}

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
    : direction_(std::move(direction)),
      concentration_(std::move(concentration)),
      bessel_(bessel(0.5 * static_cast<double>(direction_.size(-1)) - 1,
                     concentration_.to(at::kDouble))) {}

Sample VonMisesFisher::rsample(Draw& draw) const {
  auto sizes = direction_.sizes().vec();
  if (sizes[0] == 1) sizes[0] = draw.samples();
  const auto k = concentration_.to(at::kDouble);
  const auto [w, tangent] =
      sizes[2] == 3 ? by_inverse(k, sizes, draw) : by_rejection(k, bessel_.ratio, sizes, draw);
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
  return (half - 1) * k.log() - half * std::log(2 * std::numbers::pi) - bessel_.log;
}

Tensor VonMisesFisher::log_density(const Tensor& value) const {
  const auto cosine = (direction_ * value).sum(-1, true).to(at::kDouble);
  return (concentration_.to(at::kDouble) * cosine + log_constant()).to(value.scalar_type());
}

Tensor VonMisesFisher::mean() const {
  return (bessel_.ratio * direction_).to(direction_.scalar_type());
}

Tensor VonMisesFisher::kl_to(const Distribution& prior) const {
  if (prior.family() != UniformSphere::kFamily) return {};
  const double uniform = UniformSphere(direction_.size(-1), direction_.device()).log_constant();
  return (concentration_.to(at::kDouble) * bessel_.ratio + log_constant() - uniform)
      .to(direction_.scalar_type());
}

}  // namespace varia::models
