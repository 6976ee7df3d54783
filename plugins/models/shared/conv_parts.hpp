#pragma once

#include <string>
#include <vector>

#include "varia/networks.hpp"
#include "varia/parameters.hpp"

namespace varia::models {

/// One convolution.
struct ConvParams final : ParamSet {
  Integer channels{this, "channels", 32, {1, 1 << 16}, "Channels of its output."};
  Integer kernel{this, "kernel", 4, {1, 1024}, "Height and width of its kernel."};
  Integer stride{this, "stride", 2, {1, 1024}, "Pixels from one place of the kernel to the next."};
  Integer padding{this, "padding", 1, {0, 1024}, "Zeros around the image."};
};

/// One transposed convolution.
struct TransposedConvParams final : ParamSet {
  Integer channels{this, "channels", 32, {1, 1 << 16}, "Channels of its output."};
  Integer kernel{this, "kernel", 4, {1, 1024}, "Height and width of its kernel."};
  Integer stride{this, "stride", 2, {1, 1024}, "Pixels of the output for one of the input."};
  Integer padding{this, "padding", 1, {0, 1024}, "Pixels cut off around the output."};
  Integer output_padding{
      this, "output_padding", 0, {0, 1023}, "Rows and columns added at the end; below the stride."};

 protected:
  void check() const override {
    if (output_padding() >= stride())
      fail(output_padding, "output_padding must be smaller than the stride");
  }
};

/// A convolution or a transposed one, square.
struct ConvLayer {
  std::int64_t in = 1;   ///< channels
  std::int64_t out = 1;  ///< channels
  std::int64_t kernel = 1, stride = 1, padding = 0;
  std::int64_t output_padding = 0;  ///< of transposed ones
  bool transposed = false;

  /// The height (or width) that comes out of one of `extent`; may be negative if the kernel does
  /// not fit.
  std::int64_t output(std::int64_t extent) const;
};

/// Convolutions, with an activation after every one but, by choice, the last. Weights and biases
/// start uniform in +-1/sqrt(n), as LibTorch's: n = kernel * kernel * channels of the input, of
/// transposed ones channels of the output.
class ConvStack final : public torch::nn::Module {
 public:
  ConvStack(std::vector<ConvLayer> layers, std::string activation, bool activate_last);
  /// @param images [N, C, H, W]
  Tensor forward(const Tensor& images) const;

 private:
  std::vector<ConvLayer> layers_;
  std::string activation_;
  bool activate_last_;
  std::vector<Tensor> weights_;
  std::vector<Tensor> biases_;
};

}  // namespace varia::models
