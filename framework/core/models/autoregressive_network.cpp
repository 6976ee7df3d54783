#include "varia/autoregressive_network.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <string>

#include "varia/networks.hpp"

namespace varia {

namespace {

/// Hidden units see as many dimensions, in turn: none, so that a context reaches the first one too,
/// to all but the last. A layer of fewer units than dimensions has them in even steps.
Tensor hidden_degrees(std::int64_t width, std::int64_t dimensions) {
  const auto units = at::arange(width, at::kLong);
  if (width >= dimensions) return units.remainder(dimensions);
  if (width == 1) return at::full_like(units, dimensions - 1);
  return (units * (dimensions - 1)).floor_divide(width - 1);
}

}  // namespace

AutoregressiveNetwork::AutoregressiveNetwork(std::int64_t dimensions, std::int64_t outputs,
                                             const std::vector<std::int64_t>& hidden,
                                             std::int64_t context)
    : outputs_(outputs) {
  // The dimensions that a unit sees, counted from the first one.
  auto seen = at::cat({at::arange(1, dimensions + 1, at::kLong), at::zeros({context}, at::kLong)});
  const auto add = [&](const Tensor& degrees) {
    const auto number = std::to_string(layers_.size());
    const auto out = degrees.size(0), in = seen.size(0);
    auto weight = at::empty({out, in});
    auto bias = at::empty({out});
    initialise(weight, bias, in, out, "default");
    const auto mask = degrees.unsqueeze(1).ge(seen.unsqueeze(0)).to(at::kFloat);
    layers_.push_back({register_parameter("weight" + number, weight),
                       register_parameter("bias" + number, bias),
                       register_buffer("mask" + number, mask)});
    seen = degrees;
  };
  for (const auto width : hidden) add(hidden_degrees(width, dimensions));
  add(at::arange(dimensions, at::kLong).repeat({outputs}));
}

AutoregressiveNetwork::~AutoregressiveNetwork() = default;

Tensor AutoregressiveNetwork::forward(const Tensor& points, const Tensor& context) const {
  auto values = context.defined() ? at::cat({points, context}, -1) : points;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const auto& [weight, bias, mask] = layers_[i];
    values = at::linear(values, weight * mask, bias);
    if (i + 1 < layers_.size()) values = at::elu(values);
  }
  return values.unflatten(-1, {outputs_, points.size(-1)});
}

}  // namespace varia
