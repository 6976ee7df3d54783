#include "varia/networks.hpp"

#include <ATen/Functions.h>
#include <ATen/TracerMode.h>

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
  // A trace would fix the sizes of the zeros below.
  if (at::tracer::impl::is_dispatch_enabled())
    return labels.unsqueeze(-1).eq(at::arange(classes, labels.options())).to(at::kFloat);
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

LayerParams::LayerParams() = default;
LayerParams::~LayerParams() = default;

namespace {

/// Orthonormal rows, or columns if there are more rows; a convolution's weight is a matrix [out,
/// rest].
Tensor orthogonal(at::IntArrayRef sizes) {
  auto matrix = at::empty(sizes).normal_().flatten(1);
  const bool is_wide = matrix.size(0) < matrix.size(1);
  if (is_wide) matrix = matrix.t();
  auto [q, r] = at::linalg_qr(matrix);
  q = q * r.diagonal().sign();  // or the signs would follow from the algorithm
  return (is_wide ? q.t() : q).contiguous().view(sizes);
}

}  // namespace

void initialise(Tensor& weight, Tensor& bias, std::int64_t fan_in, std::int64_t fan_out,
                const std::string& name) {
  const torch::NoGradGuard no_grad;
  const auto in = static_cast<double>(fan_in), out = static_cast<double>(fan_out);
  if (name == "default") {
    const double bound = 1 / std::sqrt(in);
    weight.uniform_(-bound, bound);
    bias.uniform_(-bound, bound);
    return;
  }
  bias.zero_();
  if (name == "glorot_uniform") {
    const double bound = std::sqrt(6 / (in + out));
    weight.uniform_(-bound, bound);
  } else if (name == "he_normal") {
    weight.normal_(0, std::sqrt(2 / in));
  } else if (name == "orthogonal") {
    weight.copy_(orthogonal(weight.sizes()));
  } else {
    throw std::invalid_argument("unknown initialisation '" + name + "'");
  }
}

namespace {
constexpr double kMomentum = 0.1;  // of running statistics
constexpr double kLeastVariance = 1e-5;
}  // namespace

Normalisation::Normalisation(std::int64_t channels, bool over_batch)
    : over_batch_(over_batch),
      weight_(register_parameter("weight", at::ones({channels}))),
      bias_(register_parameter("bias", at::zeros({channels}))) {
  if (!over_batch) return;
  running_mean_ = register_buffer("running_mean", at::zeros({channels}));
  running_variance_ = register_buffer("running_variance", at::ones({channels}));
}

Normalisation::~Normalisation() = default;

Tensor Normalisation::forward(const Tensor& values, bool is_picture) const {
  if (!over_batch_) {
    return is_picture ? at::group_norm(values, 1, weight_, bias_, kLeastVariance)
                      : at::layer_norm(values, weight_.sizes(), weight_, bias_, kLeastVariance);
  }
  const auto rows = is_picture ? values : values.reshape({-1, values.size(-1)});
  const bool has_variance = rows.numel() > weight_.numel();
  return at::batch_norm(rows, weight_, bias_, running_mean_, running_variance_,
                        is_training() && has_variance, kMomentum, kLeastVariance,
                        /*cudnn_enabled=*/false)
      .view_as(values);
}

Mlp::Mlp(const std::vector<std::int64_t>& sizes, std::string activation, bool activate_last)
    : Mlp(sizes, std::move(activation), activate_last, LayerParams()) {}

Mlp::Mlp(const std::vector<std::int64_t>& sizes, std::string activation, bool activate_last,
         const LayerParams& layers)
    : activation_(std::move(activation)),
      activate_last_(activate_last),
      dropout_(layers.dropout()),
      residual_(layers.residual()) {
  for (std::size_t i = 1; i < sizes.size(); ++i) {
    const auto layer = std::to_string(i - 1);
    auto weight = at::empty({sizes[i], sizes[i - 1]});
    auto bias = at::empty({sizes[i]});
    initialise(weight, bias, sizes[i - 1], sizes[i], layers.initialisation());
    weights_.push_back(register_parameter("weight" + layer, column_major(weight)));
    biases_.push_back(register_parameter("bias" + layer, bias));
    const bool is_activated = i + 1 < sizes.size() || activate_last;
    if (is_activated && !layers.normalisation.is("none"))
      normalisations_.push_back(register_module(
          "normalisation" + layer,
          std::make_shared<Normalisation>(sizes[i], layers.normalisation.is("batch"))));
  }
}

Mlp::~Mlp() = default;

Tensor Mlp::forward(const Tensor& input) const {
  auto values = input;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    const bool is_activated = i + 1 < weights_.size() || activate_last_;
    const bool is_normalised = is_activated && !normalisations_.empty();
    auto result = linear_layer(values, weights_[i], biases_[i],
                               is_activated && !is_normalised ? activation_ : "identity");
    if (is_normalised) result = activate(normalisations_[i]->forward(result, false), activation_);
    if (is_activated && dropout_ > 0) result = at::dropout(result, dropout_, is_training());
    if (is_activated && residual_ && result.size(-1) == values.size(-1)) result = result + values;
    values = result;
  }
  return values;
}

}  // namespace varia
