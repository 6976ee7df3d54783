#pragma once

#include <torch/nn/module.h>

#include "varia/distribution.hpp"

namespace varia {

/// Turns what a decoder puts out into a distribution over images (kind `likelihood`). A module: a
/// learned scale is trained and saved with the model.
class VARIA_API Likelihood : public torch::nn::Module {
 public:
  using KindBase = Likelihood;
  static constexpr const char* kKind = "likelihood";
  ~Likelihood() override;

  /// @param output [K|1, B, C, H, W], any real numbers
  virtual DistributionPtr distribution(const Tensor& output) const = 0;

  /// The decoder output whose mean is `mean` [C, H, W] in [0, 1]; the bias may start there.
  virtual Tensor output_for_mean(const Tensor& mean) const = 0;
};

}  // namespace varia
