#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <vector>

#include "varia/export.hpp"
#include "varia/tensor.hpp"

namespace varia {

/// Fully connected layers whose outputs for a dimension depend on the dimensions before it alone,
/// and on a context: what autoregressive flows are made of.
/// @see Germain et al. 2015 (MADE)
class VARIA_API AutoregressiveNetwork final : public torch::nn::Module {
 public:
  /// Weights have their first values from LibTorch's default generator.
  /// @param dimensions D
  /// @param outputs    P, for each dimension
  /// @param hidden     widths of the hidden layers; at least one, each at least 1
  /// @param context    C, 0 if there is none
  AutoregressiveNetwork(std::int64_t dimensions, std::int64_t outputs,
                        const std::vector<std::int64_t>& hidden, std::int64_t context = 0);
  ~AutoregressiveNetwork() override;

  /// @param points  [..., D]
  /// @param context [..., C], undefined if there is none
  /// @returns       [..., P, D]; the first dimension's follow from the context alone
  Tensor forward(const Tensor& points, const Tensor& context = {}) const;

 private:
  struct Layer {
    Tensor weight;  ///< [out, in]
    Tensor bias;    ///< [out]
    Tensor mask;    ///< [out, in], zeros and ones
  };
  std::int64_t outputs_;
  std::vector<Layer> layers_;
};

}  // namespace varia
