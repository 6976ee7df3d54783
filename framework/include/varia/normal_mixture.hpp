#pragma once

#include "varia/distribution.hpp"

namespace varia {

/// A mixture of M diagonal Gaussians with equal weights, the same for every image.
class VARIA_API NormalMixture final : public Distribution {
 public:
  static constexpr std::string_view kFamily = "normal_mixture";
  /// @param means    [M, D]
  /// @param log_vars [M, D], natural logarithms of the variances
  NormalMixture(Tensor means, Tensor log_vars);

  std::string_view family() const override { return kFamily; }
  /// A component by chance, then a draw from it, whose gradient flows to that component:
  /// [K, 1, D].
  Sample rsample(Draw& draw) const override;
  /// It does not factorise: [K, B, 1].
  Tensor log_density(const Tensor& value) const override;
  /// [1, 1, D]
  Tensor mean() const override;
  /// [1, 1, D], by the law of total variance.
  Tensor variance() const override;
  /// "means" and "log_vars", [M, D].
  std::vector<std::pair<std::string, Tensor>> parameters() const override {
    return {{"means", means_}, {"log_vars", log_vars_}};
  }

 private:
  Tensor means_;
  Tensor log_vars_;
};

}  // namespace varia
