#pragma once

#include <string>
#include <utility>
#include <vector>

#include "varia/distribution.hpp"

namespace varia::models {

/// Modified Bessel functions of the first kind, float64. Their derivatives flow to x, once.
struct Bessel {
  Tensor log;    ///< ln I_order(x)
  Tensor ratio;  ///< I_(order + 1)(x) / I_order(x), between 0 and 1
};

/// For every x > 0. By quadrature of the law that they normalise, on the device of x.
/// @param order at least 0
Bessel bessel(double order, const Tensor& x);

/// All directions alike: the uniform distribution on the unit sphere in D dimensions.
class UniformSphere final : public Distribution {
 public:
  static constexpr std::string_view kFamily = "uniform_sphere";
  UniformSphere(std::int64_t dimensions, torch::Device device)
      : dimensions_(dimensions), device_(device) {}
  std::string_view family() const override { return kFamily; }
  Range support() const override { return {-1, 1}; }
  /// [K, 1, D]
  Sample rsample(Draw& draw) const override;
  /// [K, B, 1], the same everywhere.
  Tensor log_density(const Tensor& value) const override;
  Tensor mean() const override;
  /// 1/D of each number.
  Tensor variance() const override;
  std::vector<std::pair<std::string, Tensor>> parameters() const override { return {}; }
  /// -ln of the sphere's area.
  double log_constant() const;

 private:
  std::int64_t dimensions_;
  torch::Device device_;
};

/// The von Mises-Fisher distribution: unit vectors around a direction.
/// @see Davidson et al. 2018, equations 3 to 5
class VonMisesFisher final : public Distribution {
 public:
  static constexpr std::string_view kFamily = "von_mises_fisher";
  /// @param direction     [K|1, B, D], of length 1, D at least 2
  /// @param concentration [K|1, B, 1], positive: how close draws are
  VonMisesFisher(Tensor direction, Tensor concentration);

  std::string_view family() const override { return kFamily; }
  /// In three dimensions by the inverse of a distribution function, else by rejection. The gradient
  /// to the concentration is the slope of each accepted draw at a fixed value of its distribution
  /// function. It is that of the loss, and needs no correction for the acceptance (Naesseth et al.
  /// 2017).
  /// @see Davidson et al. 2018, algorithms 1 and 2; Figurnov et al. 2018
  Sample rsample(Draw& draw) const override;
  /// [K, B, 1]
  Tensor log_density(const Tensor& value) const override;
  /// Shorter than 1: the mean of the draws.
  Tensor mean() const override;
  /// The direction.
  Tensor mode() const override { return direction_; }
  std::vector<std::pair<std::string, Tensor>> parameters() const override {
    return {{"direction", direction_}, {"concentration", concentration_}};
  }
  /// To a UniformSphere, [K|1, B, 1].
  Tensor kl_to(const Distribution& prior) const override;

 private:
  Tensor log_constant() const;  // [K|1, B, 1] float64

  Tensor direction_;
  Tensor concentration_;
  Bessel bessel_;  // [K|1, B, 1], of order D/2 - 1
};

}  // namespace varia::models
