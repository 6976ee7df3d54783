#include "varia/convolution_layer.hpp"

#include <ATen/Functions.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "core/models/layer_support.hpp"
#include "core/plain_memory.hpp"
#include "kernels/kernels.hpp"
#include "varia/networks.hpp"

namespace varia {

namespace {

using kernels::Activation;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast;

/// A convolution maps an image to a feature map, a transposed one a map to an image; the gradient
/// of one is the other. The weight is [map channels, image channels, kernel, kernel] for both.
struct Geometry {
  kernels::Patches patches;
  std::int64_t batch = 0, map_channels = 0;

  std::int64_t image_size() const { return patches.image_size(); }
  std::int64_t map_size() const { return patches.map_size() * map_channels; }

  static Geometry of(const Tensor& input, const Tensor& output, const Tensor& weight,
                     const Convolution& convolution) {
    const auto image = (convolution.transposed ? output : input).sizes();
    const auto map = (convolution.transposed ? input : output).sizes();
    return {{image[2], image[3], image[1], map[2], map[3], weight.size(2), convolution.stride,
             convolution.padding},
            image[0],
            map[1]};
  }
};

/// Divides a batch into groups of images whose patches fit into the CPU's cache.
class Groups {
 public:
  explicit Groups(const Geometry& geometry)
      : geometry_(geometry),
        longest_(std::clamp<std::int64_t>(kNumbers / rows_size(1), 1, geometry.batch)),
        rows_(at::empty({rows_size(longest_)}, at::kFloat)) {}

  /// Calls `visit(first image, number of images)`.
  template <class Visit>
  void for_each(const Visit& visit) const {
    for (std::int64_t first = 0; first < geometry_.batch; first += longest_)
      visit(first, std::min(longest_, geometry_.batch - first));
  }

  /// A buffer for the patches of a group.
  float* rows() const { return rows_.data_ptr<float>(); }

 private:
  static constexpr std::int64_t kNumbers = 1 << 17;

  std::int64_t rows_size(std::int64_t count) const {
    return count * geometry_.patches.map_size() * geometry_.patches.patch_size();
  }

  Geometry geometry_;
  std::int64_t longest_;
  Tensor rows_;
};

/// result [m, n] = a b, or result += a b if `increase`.
/// @param is_sparse whether the zeros of `a` are skipped
void multiply_matrices(const kernels::Matrix& a, const float* b, float* result, std::int64_t m,
                       std::int64_t n, std::int64_t k, bool is_sparse, bool increase) {
  if (is_sparse)
    kernels::kernels().sparse_product(a, b, result, m, n, k, increase);
  else
    multiply_dense(a, {b, n}, result, m, n, k, increase);
}

/// map = patches of the image times the weight. weight [map channels, patch]
void image_to_map(const Geometry& geometry, const Groups& groups, const float* image,
                  const float* weight, float* map) {
  const auto& patches = geometry.patches;
  groups.for_each([&](std::int64_t first, std::int64_t count) {
    kernels::kernels().gather_patches(patches, image + first * geometry.image_size(), groups.rows(),
                                      count);
    multiply_dense({groups.rows(), patches.patch_size()}, {weight, patches.patch_size(), true},
                   map + first * geometry.map_size(), count * patches.map_size(),
                   geometry.map_channels, patches.patch_size());
  });
}

/// The transpose: every place of the map adds its multiple of the weight to the image.
void map_to_image(const Geometry& geometry, const Groups& groups, const float* map, bool is_sparse,
                  const float* weight, float* image) {
  const auto& patches = geometry.patches;
  groups.for_each([&](std::int64_t first, std::int64_t count) {
    multiply_matrices({map + first * geometry.map_size(), geometry.map_channels}, weight,
                      groups.rows(), count * patches.map_size(), patches.patch_size(),
                      geometry.map_channels, is_sparse, false);
    kernels::kernels().scatter_patches(patches, groups.rows(),
                                       image + first * geometry.image_size(), count);
  });
}

/// The gradient of the weight, and in the same pass the map of the image.
/// @param weight_gradient may be null: not computed
/// @param map             may be null: not computed, and `weight` is not read
void multiply_image_and_map(const Geometry& geometry, const Groups& groups, const float* image,
                            const float* map_factor, bool is_sparse, float* weight_gradient,
                            const float* weight, float* map) {
  const auto& patches = geometry.patches;
  groups.for_each([&](std::int64_t first, std::int64_t count) {
    const auto places = count * patches.map_size();
    kernels::kernels().gather_patches(patches, image + first * geometry.image_size(), groups.rows(),
                                      count);
    if (weight_gradient != nullptr)
      multiply_matrices({map_factor + first * geometry.map_size(), geometry.map_channels, true},
                        groups.rows(), weight_gradient, geometry.map_channels, patches.patch_size(),
                        places, is_sparse, first > 0);
    if (map != nullptr)
      multiply_dense({groups.rows(), patches.patch_size()}, {weight, patches.patch_size(), true},
                     map + first * geometry.map_size(), places, geometry.map_channels,
                     patches.patch_size());
  });
}

std::array<std::int64_t, 4> output_sizes(const Tensor& input, const Tensor& weight,
                                         const Convolution& convolution) {
  const auto kernel = weight.size(2);
  return {input.size(0), weight.size(convolution.transposed ? 1 : 0),
          convolution.output(input.size(2), kernel), convolution.output(input.size(3), kernel)};
}

Tensor by_libtorch(const Tensor& input, const Tensor& weight, const Tensor& bias,
                   const Convolution& convolution) {
  // One number for each axis: what exports a trace as ONNX takes no other.
  const std::int64_t stride[] = {convolution.stride, convolution.stride};
  const std::int64_t padding[] = {convolution.padding, convolution.padding};
  const std::int64_t dilation[] = {1, 1};
  if (!convolution.transposed) return at::conv2d(input, weight, bias, stride, padding, dilation);
  const std::int64_t output_padding[] = {convolution.output_padding, convolution.output_padding};
  return at::conv_transpose2d(input, weight, bias, stride, padding, output_padding, 1, dilation);
}

class ConvolutionLayer final : public torch::autograd::Function<ConvolutionLayer> {
 public:
  /// All are float32; input and weight are in channels-last memory order.
  static Tensor forward(AutogradContext* context, const Tensor& input, const Tensor& weight,
                        const Tensor& bias, const Convolution& convolution, Activation activation) {
    auto result =
        at::empty(output_sizes(input, weight, convolution), input.options(), kChannelsLast);
    auto* const out = result.data_ptr<float>();
    const auto* const in = input.data_ptr<float>();
    const auto* const factors = weight.data_ptr<float>();
    const auto geometry = Geometry::of(input, result, weight, convolution);
    const bool is_sparse =
        convolution.transposed && are_zeros_skipped(input, weight, geometry.patches.patch_size());
    if (convolution.transposed)
      map_to_image(geometry, Groups(geometry), in, is_sparse, factors, out);
    else
      image_to_map(geometry, Groups(geometry), in, factors, out);
    const auto channels = result.size(1);
    kernels::kernels().add_bias_and_activate(activation, out, bias.data_ptr<float>(),
                                             result.numel() / channels, channels);
    context->save_for_backward({input, weight, result});
    context->saved_data["activation"] = static_cast<std::int64_t>(activation);
    context->saved_data["is_sparse"] = is_sparse;
    context->saved_data["convolution"] =
        std::vector<std::int64_t>{convolution.stride, convolution.padding,
                                  convolution.output_padding, convolution.transposed ? 1 : 0};
    return result;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto& input = saved[0];
    const auto& weight = saved[1];
    const auto& result = saved[2];
    const auto numbers = context->saved_data["convolution"].toIntVector();
    const Convolution convolution{numbers[0], numbers[1], numbers[2], numbers[3] != 0};
    const auto activation = static_cast<Activation>(context->saved_data["activation"].toInt());
    if (at::GradMode::is_enabled() || !is_plain_float(gradients[0]))
      return differentiable_backward(activation, convolution, saved, gradients[0]);

    const auto outer = gradients[0].contiguous(kChannelsLast);
    const auto channels = result.size(1);
    const auto to_bias = at::empty({channels}, weight.options());
    const auto before = activation == Activation::identity
                            ? outer
                            : at::empty(result.sizes(), result.options(), kChannelsLast);
    kernels::kernels().add_bias_and_activate_backward(
        activation, result.data_ptr<float>(), outer.data_ptr<float>(), before.data_ptr<float>(),
        to_bias.data_ptr<float>(), outer.numel() / channels, channels);

    Tensor to_input, to_weight;
    if (context->needs_input_grad(0))
      to_input = at::empty(input.sizes(), input.options(), kChannelsLast);
    if (context->needs_input_grad(1))
      to_weight = at::empty(weight.sizes(), weight.options(), kChannelsLast);
    const auto* const in = input.data_ptr<float>();
    const auto* const factors = weight.data_ptr<float>();
    const auto* const g = before.data_ptr<float>();
    auto* const input_gradient = to_input.defined() ? to_input.data_ptr<float>() : nullptr;
    auto* const weight_gradient = to_weight.defined() ? to_weight.data_ptr<float>() : nullptr;
    const auto geometry = Geometry::of(input, result, weight, convolution);
    const Groups groups(geometry);
    if (convolution.transposed) {
      // If a gradient is not finite, the sum is not, either.
      const bool is_sparse = context->saved_data["is_sparse"].toBool() &&
                             kernels::kernels().all_finite(to_bias.data_ptr<float>(), channels);
      multiply_image_and_map(geometry, groups, g, in, is_sparse, weight_gradient, factors,
                             input_gradient);
    } else {
      if (weight_gradient != nullptr)
        multiply_image_and_map(geometry, groups, in, g, false, weight_gradient, nullptr, nullptr);
      if (input_gradient != nullptr)
        map_to_image(geometry, groups, g, false, factors, input_gradient);
    }
    return {to_input, to_weight, to_bias, Tensor(), Tensor()};
  }

 private:
  static variable_list differentiable_backward(Activation activation,
                                               const Convolution& convolution,
                                               const variable_list& saved, const Tensor& gradient) {
    const auto [stride, padding, output_padding, transposed] = convolution;
    const auto outer = before_activation(activation, saved[2], gradient);
    const auto [to_input, to_weight, to_bias] =
        at::convolution_backward(outer, saved[0], saved[1], at::IntArrayRef{outer.size(1)},
                                 {stride, stride}, {padding, padding}, {1, 1}, transposed,
                                 {output_padding, output_padding}, 1, {true, true, true});
    return {to_input, to_weight, to_bias, Tensor(), Tensor()};
  }
};

/// True if the kernels take them. LibTorch computes the others, or rejects them.
bool is_fast(const Tensor& input, const Tensor& weight, const Tensor& bias,
             const Convolution& convolution) {
  static const bool has_products = !std::string_view(kernels::product_library()).empty();
  if (!has_products || !is_plain_float(input) || !is_plain_float(weight) ||
      !is_packed_float(bias) || input.dim() != 4 || weight.dim() != 4 || bias.dim() != 1 ||
      input.numel() == 0 || weight.numel() == 0 || weight.size(2) != weight.size(3) ||
      input.size(1) != weight.size(convolution.transposed ? 0 : 1) ||
      bias.size(0) != weight.size(convolution.transposed ? 1 : 0) || convolution.stride < 1 ||
      convolution.padding < 0 || convolution.output_padding < 0 ||
      convolution.output_padding >= convolution.stride)
    return false;
  const auto sizes = output_sizes(input, weight, convolution);
  return sizes[2] > 0 && sizes[3] > 0;
}

}  // namespace

std::int64_t Convolution::output(std::int64_t extent, std::int64_t kernel) const {
  if (transposed) return (extent - 1) * stride - 2 * padding + kernel + output_padding;
  const auto room = extent + 2 * padding - kernel;
  return room < 0 ? 0 : room / stride + 1;
}

Tensor convolution_layer(const Tensor& input, const Tensor& weight, const Tensor& bias,
                         const Convolution& convolution, const std::string& activation) {
  const auto fused = fused_activation(activation);
  if (!is_fast(input, weight, bias, convolution))
    return activate(by_libtorch(input, weight, bias, convolution), activation);
  // Reordered outside of the node, so that the saved tensors belong to the graph.
  const auto result =
      ConvolutionLayer::apply(input.contiguous(kChannelsLast), weight.contiguous(kChannelsLast),
                              bias, convolution, fused.value_or(Activation::identity));
  return fused ? result : activate(result, activation);
}

}  // namespace varia
