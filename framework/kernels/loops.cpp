// Compiled once for each instruction set, VARIA_KERNELS being the name of its table. Nothing here
// may call a function that is not inlined: the linker would keep the copy of one instruction set
// for all of them.
#include <cmath>

#include "kernels/elementary.hpp"
#include "kernels/kernels.hpp"

namespace varia::kernels {

namespace {

void bernoulli_log_prob(const float* logits, const float* value, float* result, std::int64_t rows,
                        std::int64_t value_rows, std::int64_t columns) {
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* const x = logits + row * columns;
    const float* const t = value + (row % value_rows) * columns;
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = 0; i < columns; ++i) sum += t[i] * x[i] - softplus(x[i]);
    result[row] = sum;
  }
}

void bernoulli_log_prob_backward(const float* logits, const float* value, const float* outer,
                                 float* gradient, std::int64_t rows, std::int64_t value_rows,
                                 std::int64_t columns) {
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* const x = logits + row * columns;
    const float* const t = value + (row % value_rows) * columns;
    float* const out = gradient + row * columns;
    const float factor = outer[row];
#pragma omp simd
    for (std::int64_t i = 0; i < columns; ++i) out[i] = factor * (t[i] - sigmoid(x[i]));
  }
}

void kl_to_unit_normal(Rows mean, Rows log_var, float* result, std::int64_t rows,
                       std::int64_t columns) {
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* const m = mean.data + row * mean.stride;
    const float* const v = log_var.data + row * log_var.stride;
    float* const out = result + row * columns;
#pragma omp simd
    for (std::int64_t i = 0; i < columns; ++i)
      out[i] = 0.5F * (m[i] * m[i] + (exp(v[i]) - 1.0F - v[i]));
  }
}

void kl_to_unit_normal_backward(Rows mean, Rows log_var, const float* outer, float* mean_gradient,
                                float* log_var_gradient, std::int64_t rows, std::int64_t columns) {
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* const m = mean.data + row * mean.stride;
    const float* const v = log_var.data + row * log_var.stride;
    const float* const g = outer + row * columns;
    float* const to_mean = mean_gradient + row * columns;
    float* const to_log_var = log_var_gradient + row * columns;
#pragma omp simd
    for (std::int64_t i = 0; i < columns; ++i) {
      to_mean[i] = g[i] * m[i];
      to_log_var[i] = 0.5F * g[i] * (exp(v[i]) - 1.0F);
    }
  }
}

void normal_draw(Rows mean, Rows log_var, const float* noise, float* result, std::int64_t rows,
                 std::int64_t columns) {
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* const m = mean.data + row * mean.stride;
    const float* const v = log_var.data + row * log_var.stride;
    const float* const e = noise + row * columns;
    float* const out = result + row * columns;
#pragma omp simd
    for (std::int64_t i = 0; i < columns; ++i) out[i] = m[i] + exp(0.5F * v[i]) * e[i];
  }
}

void normal_draw_backward(Rows log_var, const float* noise, const float* outer,
                          float* log_var_gradient, std::int64_t rows, std::int64_t columns) {
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* const v = log_var.data + row * log_var.stride;
    const float* const e = noise + row * columns;
    const float* const g = outer + row * columns;
    float* const out = log_var_gradient + row * columns;
#pragma omp simd
    for (std::int64_t i = 0; i < columns; ++i) out[i] = 0.5F * g[i] * e[i] * exp(0.5F * v[i]);
  }
}

// The comparisons are written so that NaN passes.

template <Activation kActivation>
[[gnu::always_inline]] inline float activated(float x) {
  if constexpr (kActivation == Activation::relu) return x <= 0.0F ? 0.0F : x;
  if constexpr (kActivation == Activation::leaky_relu) return x <= 0.0F ? kLeak * x : x;
  return x;
}

template <Activation kActivation>
[[gnu::always_inline]] inline float before_activation(float value, float gradient) {
  if constexpr (kActivation == Activation::relu) return value <= 0.0F ? 0.0F : gradient;
  if constexpr (kActivation == Activation::leaky_relu)
    return value <= 0.0F ? kLeak * gradient : gradient;
  return gradient;
}

template <Activation kActivation>
void bias_forward(float* values, const float* bias, std::int64_t rows, std::int64_t columns) {
  for (std::int64_t row = 0; row < rows; ++row, values += columns) {
#pragma omp simd
    for (std::int64_t i = 0; i < columns; ++i)
      values[i] = activated<kActivation>(values[i] + bias[i]);
  }
}

template <Activation kActivation>
void bias_backward(const float* values, const float* outer, float* gradient, float* bias_gradient,
                   std::int64_t rows, std::int64_t columns) {
  for (std::int64_t i = 0; i < columns; ++i) bias_gradient[i] = 0;
  for (std::int64_t row = 0; row < rows; ++row) {
#pragma omp simd
    for (std::int64_t i = 0; i < columns; ++i) {
      const float g = before_activation<kActivation>(values[i], outer[i]);
      gradient[i] = g;
      bias_gradient[i] += g;
    }
    values += columns;
    outer += columns;
    gradient += columns;
  }
}

void add_bias_and_activate(Activation activation, float* values, const float* bias,
                           std::int64_t rows, std::int64_t columns) {
  switch (activation) {
    case Activation::identity:
      return bias_forward<Activation::identity>(values, bias, rows, columns);
    case Activation::relu:
      return bias_forward<Activation::relu>(values, bias, rows, columns);
    case Activation::leaky_relu:
      return bias_forward<Activation::leaky_relu>(values, bias, rows, columns);
  }
}

void add_bias_and_activate_backward(Activation activation, const float* values, const float* outer,
                                    float* gradient, float* bias_gradient, std::int64_t rows,
                                    std::int64_t columns) {
  switch (activation) {
    case Activation::identity:
      return bias_backward<Activation::identity>(values, outer, gradient, bias_gradient, rows,
                                                 columns);
    case Activation::relu:
      return bias_backward<Activation::relu>(values, outer, gradient, bias_gradient, rows, columns);
    case Activation::leaky_relu:
      return bias_backward<Activation::leaky_relu>(values, outer, gradient, bias_gradient, rows,
                                                   columns);
  }
}

double sum(const float* values, std::int64_t count) {
  double total = 0;
#pragma omp simd reduction(+ : total)
  for (std::int64_t i = 0; i < count; ++i) total += static_cast<double>(values[i]);
  return total;
}

void adam_step(float* parameter, const float* gradient, float* mean, float* square,
               std::int64_t count, const AdamFactors& factors) {
  const AdamFactors f = factors;
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i) {
    const float g = gradient[i] + f.decay * parameter[i];
    const float m = f.beta1 * mean[i] + (1 - f.beta1) * g;
    const float s = f.beta2 * square[i] + (1 - f.beta2) * g * g;
    mean[i] = m;
    square[i] = s;
    parameter[i] =
        f.shrink * parameter[i] - f.step_size * m / (std::sqrt(s) * f.root_correction + f.epsilon);
  }
}

}  // namespace

extern const Kernels VARIA_KERNELS;
const Kernels VARIA_KERNELS = {VARIA_INSTRUCTION_SET,
                               bernoulli_log_prob,
                               bernoulli_log_prob_backward,
                               kl_to_unit_normal,
                               kl_to_unit_normal_backward,
                               normal_draw,
                               normal_draw_backward,
                               add_bias_and_activate,
                               add_bias_and_activate_backward,
                               sum,
                               adam_step};

}  // namespace varia::kernels
