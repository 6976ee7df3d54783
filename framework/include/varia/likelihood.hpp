#pragma once

#include <torch/nn/module.h>

#include <vector>

#include "varia/distribution.hpp"
#include "varia/domain.hpp"

namespace varia {

/// Turns what a decoder puts out into a distribution over the data (kind `likelihood`). A module: a
/// learned scale is trained and saved with the model.
///
/// What it is a distribution over, it says by `static constexpr Domain kDomains[]`; without it,
/// over any numbers. Data of another domain are refused, with the names of the likelihoods that
/// fit.
class VARIA_API Likelihood : public torch::nn::Module {
 public:
  using KindBase = Likelihood;
  static constexpr const char* kKind = "likelihood";
  ~Likelihood() override;

  /// The shape of the decoder output that it takes for an event: the event's by default, [P C, H,
  /// W] or [P D] if it takes P numbers for each number.
  virtual std::vector<std::int64_t> output_shape(std::vector<std::int64_t> event) const;

  /// @param output [K|1, B, output_shape], any real numbers
  virtual DistributionPtr distribution(const Tensor& output) const = 0;

  /// The decoder output, of output_shape, whose mean is `mean` [E...]; the bias may start there.
  virtual Tensor output_for_mean(const Tensor& mean) const = 0;
};

}  // namespace varia
