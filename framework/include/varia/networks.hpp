#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "varia/export.hpp"
#include "varia/parameters.hpp"
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

/// What hidden layers have beside their activation: `layers: {normalisation: batch, dropout: 0.1}`.
struct VARIA_API LayerParams : ParamSet {
  LayerParams();
  ~LayerParams() override;
  Choice normalisation{this,
                       "normalisation",
                       "none",
                       {"none", "batch", "layer"},
                       "Before the activation of every hidden layer: over the batch, with running "
                       "statistics in evaluation (Ioffe & Szegedy 2015), or over the numbers of a "
                       "sample (Ba et al. 2016)."};
  Real dropout{
      this,
      "dropout",
      0.0,
      {0.0, 0.99},
      "That a number behind an activation becomes 0 in training (Srivastava et al. 2014)."};
  Boolean residual{this, "residual", false,
                   "A hidden layer that puts out as much as it is given adds that to it (He et al. "
                   "2016)."};
  Choice initialisation{this,
                        "initialisation",
                        "default",
                        {"default", "glorot_uniform", "he_normal", "orthogonal"},
                        "Of weights: LibTorch's (uniform in +-1/sqrt(inputs), biases too), or one "
                        "of these with biases of 0 (Glorot & Bengio 2010; He et al. 2015; Saxe et "
                        "al. 2014)."};
};

/// Fills a weight and a bias with their first values, from LibTorch's default generator.
/// @param weight  [out, in] or, of a convolution, [out, in, height, width]
/// @param fan_in  inputs of an output
/// @param fan_out outputs of an input
/// @param name    one of LayerParams::initialisation
VARIA_API void initialise(Tensor& weight, Tensor& bias, std::int64_t fan_in, std::int64_t fan_out,
                          const std::string& name);

/// Normalisation of hidden values, with a scale and a shift for each channel that are trained. Of a
/// batch: one with a single number for each channel has no variance, and is normalised by the
/// running statistics.
class VARIA_API Normalisation final : public torch::nn::Module {
 public:
  /// @param over_batch true: over the batch; false: over the numbers of a sample
  Normalisation(std::int64_t channels, bool over_batch);
  ~Normalisation() override;
  /// @param values [..., channels] of fully connected layers, or [N, channels, H, W] if
  ///               `is_picture`
  Tensor forward(const Tensor& values, bool is_picture) const;

 private:
  bool over_batch_;
  Tensor weight_, bias_, running_mean_, running_variance_;
};

/// Fully connected layers; an activation follows every layer but, by choice, the last. With
/// LayerParams, a layer that an activation follows is normalised before it, and drops numbers and
/// adds its input behind it.
class VARIA_API Mlp final : public torch::nn::Module {
 public:
  /// @param sizes      input, hidden ..., output; at least two
  /// @param activation one of activation_names()
  /// @param activate_last whether the activation follows the last layer as well
  Mlp(const std::vector<std::int64_t>& sizes, std::string activation, bool activate_last);
  Mlp(const std::vector<std::int64_t>& sizes, std::string activation, bool activate_last,
      const LayerParams& layers);
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
  double dropout_ = 0;
  bool residual_ = false;
  std::vector<std::shared_ptr<Normalisation>> normalisations_;  // of the layers with an activation
};

}  // namespace varia
