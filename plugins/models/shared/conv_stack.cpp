#include "conv_stack.hpp"

#include <ATen/Functions.h>

#include <utility>

namespace varia::models {

std::vector<std::int64_t> ConvLayer::after(const std::vector<std::int64_t>& shape) const {
  return {out, convolution.output(shape[1], kernel), convolution.output(shape[2], kernel)};
}

std::vector<ConvLayer> convolutions(const RecordList<ConvParams>& params, std::int64_t channels) {
  std::vector<ConvLayer> layers;
  for (std::size_t i = 0; i < params.size(); ++i) {
    const auto& layer = params[i];
    layers.push_back({layers.empty() ? channels : layers.back().out,
                      layer.channels(),
                      layer.kernel(),
                      {layer.stride(), layer.padding()}});
  }
  return layers;
}

ConvStack::ConvStack(std::vector<ConvLayer> layers, std::string activation, bool activate_last,
                     const LayerParams& options)
    : layers_(std::move(layers)),
      activation_(std::move(activation)),
      activate_last_(activate_last),
      dropout_(options.dropout()),
      residual_(options.residual()) {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const auto& layer = layers_[i];
    const bool transposed = layer.convolution.transposed;
    const auto first = transposed ? layer.in : layer.out;
    const auto second = transposed ? layer.out : layer.in;
    const auto area = layer.kernel * layer.kernel;
    const auto number = std::to_string(i);
    auto weight = at::empty({first, second, layer.kernel, layer.kernel});
    auto bias = at::empty({layer.out});
    // LibTorch's own rule counts the second axis even for transposed convolutions.
    initialise(weight, bias, second * area, first * area, options.initialisation());
    weights_.push_back(register_parameter("weight" + number, weight));
    biases_.push_back(register_parameter("bias" + number, bias));
    if (is_activated(i) && !options.normalisation.is("none"))
      normalisations_.push_back(register_module(
          "normalisation" + number,
          std::make_shared<Normalisation>(layer.out, options.normalisation.is("batch"))));
  }
}

Tensor ConvStack::forward(const Tensor& images) const {
  auto values = images;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const bool is_normalised = is_activated(i) && !normalisations_.empty();
    auto result = convolution_layer(values, weights_[i], biases_[i], layers_[i].convolution,
                                    is_activated(i) && !is_normalised ? activation_ : "identity");
    if (is_normalised) result = activate(normalisations_[i]->forward(result, true), activation_);
    if (is_activated(i) && dropout_ > 0) result = at::dropout(result, dropout_, is_training());
    if (is_activated(i) && residual_ && result.sizes() == values.sizes()) result = result + values;
    values = result;
  }
  return values.contiguous();
}

}  // namespace varia::models
