#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <string>
#include <vector>

#include "varia/export.hpp"
#include "varia/tensor.hpp"

namespace varia {

/// The names that `activate` knows: identity, relu, leaky_relu (slope 0.2), elu, gelu, silu, tanh,
/// sigmoid, softplus.
VARIA_API const std::vector<std::string>& activation_names();

/// Applies an activation by name. @throws std::invalid_argument if it is unknown.
VARIA_API Tensor activate(const Tensor& values, const std::string& activation);

/// Labels as one-hot vectors, float32 on their device.
/// @param labels [...] int64, each in [0, classes)
/// @returns      [..., classes]
VARIA_API Tensor one_hot_rows(const Tensor& labels, std::int64_t classes);

/// The sizes of a network: `first`, those of the hidden layers, `last`.
VARIA_API std::vector<std::int64_t> layer_sizes(std::int64_t first,
                                                std::vector<std::int64_t> hidden,
                                                std::int64_t last);

/// Fully connected layers; an activation follows every layer but, by choice, the last.
class VARIA_API Mlp final : public torch::nn::Module {
 public:
  /// @param sizes      input, hidden ..., output; at least two
  /// @param activation one of activation_names()
  /// @param activate_last whether the activation follows the last layer as well
  Mlp(const std::vector<std::int64_t>& sizes, std::string activation, bool activate_last);
  ~Mlp() override;
  /// @param input [..., sizes.front()]
  /// @returns     [..., sizes.back()]
  Tensor forward(const Tensor& input) const;
  /// Weight [out, in] and bias [out] of a layer; the last one is layer_count() - 1.
  std::size_t layer_count() const { return weights_.size(); }
  const Tensor& weight(std::size_t layer) const { return weights_.at(layer); }
  const Tensor& bias(std::size_t layer) const { return biases_.at(layer); }

 private:
  std::string activation_;
  bool activate_last_;
  std::vector<Tensor> weights_;
  std::vector<Tensor> biases_;
};

}  // namespace varia
