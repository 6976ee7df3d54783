#include "varia/linear_layer.hpp"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "core/models/fused_activation.hpp"
#include "core/plain_memory.hpp"
#include "kernels/product.hpp"
#include "varia/networks.hpp"

namespace varia {

namespace {

using kernels::Activation;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// A packed tensor [..., columns], read as a matrix of these columns.
struct Operand {
  const Tensor& tensor;
  bool transposed = false;

  std::int64_t columns() const { return tensor.size(-1); }
  std::int64_t rows() const { return tensor.numel() / columns(); }
  kernels::Matrix memory() const { return {tensor.data_ptr<float>(), columns(), transposed}; }
  Tensor matrix() const {
    const auto matrix = tensor.view({-1, columns()});
    return transposed ? matrix.t() : matrix;
  }
};

/// The product of two matrices, of the given shape.
Tensor product(const Operand& a, const Operand& b, at::IntArrayRef sizes) {
  auto result = at::empty(sizes, a.tensor.options());
  const auto m = a.transposed ? a.columns() : a.rows();
  const auto k = a.transposed ? a.rows() : a.columns();
  const auto n = b.transposed ? b.rows() : b.columns();
  if (!kernels::multiply(a.memory(), b.memory(), result.data_ptr<float>(), m, n, k)) {
    auto matrix = result.view({m, n});
    at::mm_out(matrix, a.matrix(), b.matrix());
  }
  return result;
}

/// Whether the zeros of the input are worth skipping: four fifths of MNIST's pixels are zero. The
/// bounds are those from which on it was faster than a product, forward and back together, whatever
/// the other sizes (tools/bench/README.md); on one thread, since its loops have one. What is not
/// finite is the product's to do: zero times infinity is not zero.
bool skips_zeros(const Operand& input, const Tensor& weight) {
  constexpr std::int64_t kFewestRows = 64, kFewestOutputs = 128, kPartNonzero = 4;
  const auto& loops = kernels::kernels();
  const auto count = input.tensor.numel();
  return at::get_num_threads() == 1 && input.rows() >= kFewestRows &&
         weight.size(0) >= kFewestOutputs &&
         loops.count_nonzero(input.memory().data, count) <= count / kPartNonzero &&
         loops.all_finite(weight.data_ptr<float>(), weight.numel());
}

/// input weight^T, of the given shape.
Tensor sparse_product(const Operand& input, const Tensor& weight, at::IntArrayRef sizes) {
  auto result = at::empty(sizes, weight.options());
  kernels::kernels().sparse_product(input.memory().data, weight.data_ptr<float>(),
                                    result.data_ptr<float>(), input.rows(), input.columns(),
                                    weight.size(0));
  return result;
}

/// Its gradient with respect to the weight.
Tensor sparse_product_backward(const Operand& input, const Tensor& outer, const Tensor& weight) {
  auto result = at::empty_like(weight);
  kernels::kernels().sparse_product_backward(input.memory().data, outer.data_ptr<float>(),
                                             result.data_ptr<float>(), input.rows(),
                                             input.columns(), weight.size(0));
  return result;
}

/// Bias, activation and their gradients in one pass over memory each; float32 on the CPU.
class LinearLayer final : public torch::autograd::Function<LinearLayer> {
 public:
  /// All are packed.
  static Tensor forward(AutogradContext* context, const Tensor& input, const Tensor& weight,
                        const Tensor& bias, std::int64_t activation) {
    auto sizes = input.sizes().vec();
    sizes.back() = weight.size(0);
    const bool is_sparse = skips_zeros({input}, weight);
    auto result = is_sparse ? sparse_product({input}, weight, sizes)
                            : product({input}, {weight, true}, sizes);
    kernels::kernels().add_bias_and_activate(static_cast<Activation>(activation),
                                             result.data_ptr<float>(), bias.data_ptr<float>(),
                                             result.numel() / sizes.back(), sizes.back());
    context->save_for_backward({input, weight, result});
    context->saved_data["activation"] = activation;
    context->saved_data["is_sparse"] = is_sparse;
    return result;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto& input = saved[0];
    const auto& weight = saved[1];
    const auto activation = static_cast<Activation>(context->saved_data["activation"].toInt());
    if (at::GradMode::is_enabled() || !is_plain_float(gradients[0]))
      return differentiable_backward(activation, saved, gradients[0]);
    const auto outer = gradients[0].contiguous();
    const auto columns = weight.size(0);
    const auto to_bias = at::empty({columns}, weight.options());
    const auto before = activation == Activation::identity ? outer : at::empty_like(outer);
    kernels::kernels().add_bias_and_activate_backward(
        activation, saved[2].data_ptr<float>(), outer.data_ptr<float>(), before.data_ptr<float>(),
        to_bias.data_ptr<float>(), outer.numel() / columns, columns);
    Tensor to_input, to_weight;
    if (context->needs_input_grad(0)) to_input = product({before}, {weight}, input.sizes());
    if (context->needs_input_grad(1)) {
      // A gradient that is not finite leaves a sum that is not.
      const bool is_sparse = context->saved_data["is_sparse"].toBool() &&
                             kernels::kernels().all_finite(to_bias.data_ptr<float>(), columns);
      to_weight = is_sparse ? sparse_product_backward({input}, before, weight)
                            : product({before, true}, {input}, weight.sizes());
    }
    return {to_input, to_weight, to_bias, Tensor()};
  }

 private:
  /// From operators that can be differentiated again.
  static variable_list differentiable_backward(Activation activation, const variable_list& saved,
                                               const Tensor& gradient) {
    const auto& weight = saved[1];
    auto outer = before_activation(activation, saved[2], gradient);
    outer = outer.reshape({-1, weight.size(0)});
    return {at::mm(outer, weight).view(saved[0].sizes()),
            at::mm(outer.t(), saved[0].reshape({-1, weight.size(1)})), outer.sum(0), Tensor()};
  }
};

/// Whether they are plain memory of sizes that fit; others are LibTorch's to do, or to refuse.
bool is_fast(const Tensor& input, const Tensor& weight, const Tensor& bias) {
  return is_plain_float(input) && is_packed_float(weight) && is_packed_float(bias) &&
         input.dim() > 1 && input.numel() > 0 && weight.numel() > 0 && weight.dim() == 2 &&
         bias.dim() == 1 && input.size(-1) == weight.size(1) && bias.size(0) == weight.size(0);
}

}  // namespace

Tensor linear_layer(const Tensor& input, const Tensor& weight, const Tensor& bias,
                    const std::string& activation) {
  const auto fused = fused_activation(activation);
  // The value of the sum is needed for the derivative of the other activations.
  const auto first = fused.value_or(Activation::identity);
  const bool fast = is_fast(input, weight, bias);
  // Packed outside of the node, so that what it saves belongs to the graph.
  const auto result =
      fast ? LinearLayer::apply(input.contiguous(), weight, bias, static_cast<std::int64_t>(first))
           : at::linear(input, weight, bias);
  return fast && fused ? result : activate(result, activation);
}

}  // namespace varia
