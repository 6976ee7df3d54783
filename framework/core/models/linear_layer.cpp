#include "varia/linear_layer.hpp"

#include <ATen/Functions.h>
#include <torch/csrc/autograd/custom_function.h>

#include "core/models/layer_support.hpp"
#include "core/plain_memory.hpp"
#include "kernels/kernels.hpp"
#include "varia/networks.hpp"

namespace varia {

namespace {

using kernels::Activation;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// True for a contiguous matrix [out, in] in column-major order.
bool is_column_major(const Tensor& weight) {
  return weight.dim() == 2 && weight.stride(0) == 1 && weight.stride(1) == weight.size(0);
}

/// A matrix in contiguous memory, or its transpose.
struct Operand {
  const float* data;
  std::int64_t lines, length;  ///< in memory
  bool transposed;

  std::int64_t rows() const { return transposed ? length : lines; }
  std::int64_t columns() const { return transposed ? lines : length; }
  Operand transpose() const { return {data, lines, length, !transposed}; }
  kernels::Matrix memory() const { return {data, length, transposed}; }
};

/// A contiguous tensor [..., columns] as a matrix of its rows.
Operand as_rows(const Tensor& values) {
  const auto columns = values.size(-1);
  return {values.data_ptr<float>(), values.numel() / columns, columns, false};
}

/// A weight [out, in].
Operand weight_matrix(const Tensor& weight) {
  const auto out = weight.size(0), in = weight.size(1);
  if (is_column_major(weight)) return {weight.data_ptr<float>(), in, out, true};
  return {weight.data_ptr<float>(), out, in, false};
}

/// The product a b, written to `result`.
void multiply_dense(const Operand& a, const Operand& b, float* result) {
  varia::multiply_dense(a.memory(), b.memory(), result, a.rows(), b.columns(), a.columns());
}

/// The same, but skips the zeros of `a`; `b` is not transposed.
void multiply_sparse(const Operand& a, const Operand& b, float* result) {
  kernels::kernels().sparse_product(a.memory(), b.data, result, a.rows(), b.columns(), a.columns(),
                                    false);
}

/// Bias, activation and their gradients in one pass over memory each; float32 on the CPU.
class LinearLayer final : public torch::autograd::Function<LinearLayer> {
 public:
  /// All are contiguous; the weight may be column major.
  static Tensor forward(AutogradContext* context, const Tensor& input, const Tensor& weight,
                        const Tensor& bias, std::int64_t activation) {
    auto sizes = input.sizes().vec();
    sizes.back() = weight.size(0);
    auto result = at::empty(sizes, input.options());
    const bool is_sparse =
        is_column_major(weight) && are_zeros_skipped(input, weight, weight.size(0));
    const auto rows = as_rows(input), columns = weight_matrix(weight).transpose();
    if (is_sparse)
      multiply_sparse(rows, columns, result.data_ptr<float>());
    else
      multiply_dense(rows, columns, result.data_ptr<float>());
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
    if (context->needs_input_grad(0)) {
      to_input = at::empty_like(input);
      multiply_dense(as_rows(before), weight_matrix(weight), to_input.data_ptr<float>());
    }
    if (context->needs_input_grad(1)) {
      to_weight = at::empty_like(weight);
      // If a gradient is not finite, the sum is not, either.
      const bool is_sparse = context->saved_data["is_sparse"].toBool() &&
                             kernels::kernels().all_finite(to_bias.data_ptr<float>(), columns);
      weight_gradient(as_rows(input), as_rows(before), is_sparse, to_weight);
    }
    return {to_input, to_weight, to_bias, Tensor()};
  }

 private:
  /// In the memory order of the weight.
  static void weight_gradient(const Operand& input, const Operand& outer, bool is_sparse,
                              const Tensor& result) {
    auto* const data = result.data_ptr<float>();
    if (is_sparse)
      multiply_sparse(input.transpose(), outer, data);
    else if (is_column_major(result))
      multiply_dense(input.transpose(), outer, data);
    else
      multiply_dense(outer.transpose(), input, data);
  }

  /// Made of operators, so that it can be differentiated again.
  static variable_list differentiable_backward(Activation activation, const variable_list& saved,
                                               const Tensor& gradient) {
    const auto& weight = saved[1];
    auto outer = before_activation(activation, saved[2], gradient);
    outer = outer.reshape({-1, weight.size(0)});
    return {at::mm(outer, weight).view(saved[0].sizes()),
            at::mm(outer.t(), saved[0].reshape({-1, weight.size(1)})), outer.sum(0), Tensor()};
  }
};

/// True if the kernels take them. LibTorch computes the others, or rejects them.
bool is_fast(const Tensor& input, const Tensor& weight, const Tensor& bias) {
  return is_plain_float(input) && is_plain_float(weight) && is_packed_float(bias) &&
         input.dim() > 1 && input.numel() > 0 && weight.numel() > 0 && weight.dim() == 2 &&
         (weight.is_contiguous() || is_column_major(weight)) && bias.dim() == 1 &&
         input.size(-1) == weight.size(1) && bias.size(0) == weight.size(0);
}

}  // namespace

Tensor linear_layer(const Tensor& input, const Tensor& weight, const Tensor& bias,
                    const std::string& activation) {
  const auto fused = fused_activation(activation);
  // The value of the sum is needed for the derivative of the other activations.
  const auto first = fused.value_or(Activation::identity);
  const bool fast = is_fast(input, weight, bias);
  // Made contiguous outside of the node, so that the saved tensor belongs to the graph.
  const auto result =
      fast ? LinearLayer::apply(input.contiguous(), weight, bias, static_cast<std::int64_t>(first))
           : at::linear(input, weight, bias);
  return fast && fused ? result : activate(result, activation);
}

Tensor column_major(const Tensor& weight) {
  return weight.detach().t().clone(at::MemoryFormat::Contiguous).t();
}

}  // namespace varia
