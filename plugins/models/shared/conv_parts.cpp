#include "conv_parts.hpp"

#include <ATen/Functions.h>

#include <cmath>

#include "varia/convolution_layer.hpp"

namespace varia::models {

std::int64_t ConvLayer::output(std::int64_t extent) const {
  if (transposed) return (extent - 1) * stride - 2 * padding + kernel + output_padding;
  const auto room = extent + 2 * padding - kernel;
  return room < 0 ? -1 : room / stride + 1;
}

ConvStack::ConvStack(std::vector<ConvLayer> layers, std::string activation, bool activate_last)
    : layers_(std::move(layers)),
      activation_(std::move(activation)),
      activate_last_(activate_last) {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const auto& layer = layers_[i];
    const auto first = layer.transposed ? layer.in : layer.out;
    const auto second = layer.transposed ? layer.out : layer.in;
    // LibTorch's own rule: uniform in +-1/sqrt(n), where n counts the second axis even for
    // transposed convolutions.
    const double bound = 1 / std::sqrt(static_cast<double>(second * layer.kernel * layer.kernel));
    const auto number = std::to_string(i);
    weights_.push_back(register_parameter(
        "weight" + number,
        at::empty({first, second, layer.kernel, layer.kernel}).uniform_(-bound, bound)));
    biases_.push_back(
        register_parameter("bias" + number, at::empty({layer.out}).uniform_(-bound, bound)));
  }
}

Tensor ConvStack::forward(const Tensor& images) const {
  auto values = images;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const auto& layer = layers_[i];
    const bool is_last = i + 1 == layers_.size();
    values =
        convolution_layer(values, weights_[i], biases_[i],
                          {layer.stride, layer.padding, layer.output_padding, layer.transposed},
                          is_last && !activate_last_ ? "identity" : activation_);
  }
  return values.contiguous();
}

}  // namespace varia::models
