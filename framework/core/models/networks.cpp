#include "varia/networks.hpp"

#include <ATen/Functions.h>

#include <cmath>
#include <stdexcept>
#include <utility>

#include "varia/linear_layer.hpp"

namespace varia {

namespace {

const std::pair<const char*, Tensor (*)(const Tensor&)> kActivations[] = {
    {"identity", [](const Tensor& x) { return x; }},
    {"relu", [](const Tensor& x) { return at::relu(x); }},
    {"leaky_relu", [](const Tensor& x) { return at::leaky_relu(x, 0.2); }},
    {"elu", [](const Tensor& x) { return at::elu(x); }},
    {"gelu", [](const Tensor& x) { return at::gelu(x); }},
    {"silu", [](const Tensor& x) { return at::silu(x); }},
    {"tanh", [](const Tensor& x) { return at::tanh(x); }},
    {"sigmoid", [](const Tensor& x) { return at::sigmoid(x); }},
    {"softplus", [](const Tensor& x) { return at::softplus(x); }},
};

}  // namespace

const std::vector<std::string>& activation_names() {
  static const auto names = [] {
    std::vector<std::string> all;
    for (const auto& [name, apply] : kActivations) all.emplace_back(name);
    return all;
  }();
  return names;
}

Tensor activate(const Tensor& values, const std::string& activation) {
  for (const auto& [name, apply] : kActivations)
    if (activation == name) return apply(values);
  throw std::invalid_argument("unknown activation '" + activation + "'");
}

Tensor one_hot_rows(const Tensor& labels, std::int64_t classes) {
  auto sizes = labels.sizes().vec();
  sizes.push_back(classes);
  return at::zeros(sizes, labels.options().dtype(at::kFloat))
      .scatter_(-1, labels.unsqueeze(-1), 1.0);
}

std::vector<std::int64_t> layer_sizes(std::int64_t first, std::vector<std::int64_t> hidden,
                                      std::int64_t last) {
  hidden.insert(hidden.begin(), first);
  hidden.push_back(last);
  return hidden;
}

Mlp::Mlp(const std::vector<std::int64_t>& sizes, std::string activation, bool activate_last)
    : activation_(std::move(activation)), activate_last_(activate_last) {
  for (std::size_t i = 1; i < sizes.size(); ++i) {
    // As LibTorch initialises linear layers: uniform in +-1/sqrt(inputs), weight and bias.
    const double bound = 1 / std::sqrt(static_cast<double>(sizes[i - 1]));
    const auto layer = std::to_string(i - 1);
    const auto weight = at::empty({sizes[i], sizes[i - 1]}).uniform_(-bound, bound);
    weights_.push_back(register_parameter("weight" + layer, column_major(weight)));
    biases_.push_back(
        register_parameter("bias" + layer, at::empty({sizes[i]}).uniform_(-bound, bound)));
  }
}

Mlp::~Mlp() = default;

Tensor Mlp::forward(const Tensor& input) const {
  auto values = input;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    const bool is_last = i + 1 == weights_.size();
    values = linear_layer(values, weights_[i], biases_[i],
                          is_last && !activate_last_ ? "identity" : activation_);
  }
  return values;
}

}  // namespace varia
