// Compiled once for each instruction set (loops.hpp).
#include <cmath>

#include "kernels/elementary.hpp"
#include "kernels/loops.hpp"

namespace varia::kernels::VARIA_LOOPS {

namespace {

template <Error kError>
[[gnu::always_inline]] inline float error_of(float difference) {
  return kError == Error::square ? difference * difference : std::fabs(difference);
}

/// NaN stays NaN.
template <Error kError>
[[gnu::always_inline]] inline float slope_of(float difference) {
  if (kError == Error::square) return 2 * difference;
  return difference > 0.0F ? 1.0F : difference < 0.0F ? -1.0F : difference;
}

template <Error kError>
void error_forward(const float* mean, const float* value, const float* weight, float* result,
                   std::int64_t rows, std::int64_t value_rows, std::int64_t columns) {
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* const m = mean + row * columns;
    const float* const x = value + (row % value_rows) * columns;
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = 0; i < columns; ++i) sum += weight[i] * error_of<kError>(m[i] - x[i]);
    result[row] = sum;
  }
}

template <Error kError>
void error_backward(const float* mean, const float* value, const float* weight, const float* outer,
                    float* mean_gradient, float* weight_gradient, std::int64_t rows,
                    std::int64_t value_rows, std::int64_t columns) {
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* const m = mean + row * columns;
    const float* const x = value + (row % value_rows) * columns;
    float* const out = mean_gradient + row * columns;
    const float factor = outer[row];
#pragma omp simd
    for (std::int64_t i = 0; i < columns; ++i)
      out[i] = factor * weight[i] * slope_of<kError>(m[i] - x[i]);
  }
  if (weight_gradient == nullptr) return;
  sum_rows(weight_gradient, rows, columns, [=](std::int64_t row, std::int64_t i) {
    return outer[row] *
           error_of<kError>(mean[row * columns + i] - value[(row % value_rows) * columns + i]);
  });
}

}  // namespace

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

void weighted_error(Error error, const float* mean, const float* value, const float* weight,
                    float* result, std::int64_t rows, std::int64_t value_rows,
                    std::int64_t columns) {
  const auto loop =
      error == Error::square ? error_forward<Error::square> : error_forward<Error::absolute>;
  loop(mean, value, weight, result, rows, value_rows, columns);
}

void weighted_error_backward(Error error, const float* mean, const float* value,
                             const float* weight, const float* outer, float* mean_gradient,
                             float* weight_gradient, std::int64_t rows, std::int64_t value_rows,
                             std::int64_t columns) {
  const auto loop =
      error == Error::square ? error_backward<Error::square> : error_backward<Error::absolute>;
  loop(mean, value, weight, outer, mean_gradient, weight_gradient, rows, value_rows, columns);
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

}  // namespace varia::kernels::VARIA_LOOPS
