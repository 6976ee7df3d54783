#pragma once

#include <memory>
#include <string>
#include <vector>

#include "varia/convolution_layer.hpp"
#include "varia/networks.hpp"

namespace varia::models {

/// One convolution.
struct ConvParams final : ParamSet {
  Integer channels{this, "channels", 32, {1, 1 << 16}, "Channels of its output."};
  Integer kernel{this, "kernel", 4, {1, 1024}, "Height and width of its kernel."};
  Integer stride{this, "stride", 2, {1, 1024}, "Pixels from one place of the kernel to the next."};
  Integer padding{this, "padding", 1, {0, 1024}, "Zeros around the image."};
};

/// A convolution or a transposed one, square.
struct ConvLayer {
  std::int64_t in = 1;   ///< channels
  std::int64_t out = 1;  ///< channels
  std::int64_t kernel = 1;
  Convolution convolution;

  /// The shape [C, H, W] of what it gives for one of another.
  std::vector<std::int64_t> after(const std::vector<std::int64_t>& shape) const;
};

/// The layers that some parameters describe, for images of so many channels.
std::vector<ConvLayer> convolutions(const RecordList<ConvParams>& params, std::int64_t channels);

/// Convolutions, with an activation after every one but, by choice, the last, and what LayerParams
/// say. By default weights and biases start uniform in +-1/sqrt(n), as LibTorch's: n = kernel *
/// kernel * channels of the input, of transposed ones channels of the output.
class ConvStack final : public torch::nn::Module {
 public:
  ConvStack(std::vector<ConvLayer> layers, std::string activation, bool activate_last,
            const LayerParams& options);
  /// @param images [N, C, H, W]
  Tensor forward(const Tensor& images) const;

 private:
  bool is_activated(std::size_t layer) const {
    return layer + 1 < layers_.size() || activate_last_;
  }

  std::vector<ConvLayer> layers_;
  std::string activation_;
  bool activate_last_;
  std::vector<Tensor> weights_;
  std::vector<Tensor> biases_;
  double dropout_;
  bool residual_;
  std::vector<std::shared_ptr<Normalisation>> normalisations_;  // of the layers with an activation
};

}  // namespace varia::models
