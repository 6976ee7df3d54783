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

/// A sum of many rows in float32 alone would lose digits: those of a block are added up, and the
/// blocks in float64.
template <Activation kActivation>
void bias_backward(const float* values, const float* outer, float* gradient, float* bias_gradient,
                   std::int64_t rows, std::int64_t columns) {
  constexpr std::int64_t kBlock = 256, kTile = 128;
  for (std::int64_t left = 0; left < columns; left += kTile) {
    const std::int64_t width = columns - left < kTile ? columns - left : kTile;
    double total[kTile] = {};
    for (std::int64_t top = 0; top < rows; top += kBlock) {
      const std::int64_t bottom = rows - top < kBlock ? rows : top + kBlock;
      float sum[kTile] = {};
      for (std::int64_t row = top; row < bottom; ++row) {
        const float* const v = values + row * columns + left;
        const float* const o = outer + row * columns + left;
        float* const out = gradient + row * columns + left;
#pragma omp simd
        for (std::int64_t i = 0; i < width; ++i) {
          const float g = before_activation<kActivation>(v[i], o[i]);
          out[i] = g;
          sum[i] += g;
        }
      }
      for (std::int64_t i = 0; i < width; ++i) total[i] += static_cast<double>(sum[i]);
    }
    for (std::int64_t i = 0; i < width; ++i) bias_gradient[left + i] = static_cast<float>(total[i]);
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

/// Calls `visit(image_at, patch_at, length)` for every run of numbers that a patch and the image
/// have in common: a row of the kernel, as far as it lies in the image.
template <class Visit>
[[gnu::always_inline]] inline void for_each_run(const Patches& p, std::int64_t y, std::int64_t x,
                                                const Visit& visit) {
  const std::int64_t left = x * p.stride - p.padding;
  const std::int64_t first = left < 0 ? -left : 0;
  const std::int64_t last = left + p.kernel > p.image_width ? p.image_width - left : p.kernel;
  if (first >= last) return;
  for (std::int64_t ky = 0; ky < p.kernel; ++ky) {
    const std::int64_t row = y * p.stride - p.padding + ky;
    if (row < 0 || row >= p.image_height) continue;
    visit((row * p.image_width + left + first) * p.channels, (ky * p.kernel + first) * p.channels,
          (last - first) * p.channels);
  }
}

void gather_patches(const Patches& patches, const float* images, float* rows, std::int64_t count) {
  const Patches p = patches;
  const std::int64_t patch = p.patch_size();
  for (std::int64_t n = 0; n < count; ++n, images += p.image_size()) {
    for (std::int64_t y = 0; y < p.map_height; ++y) {
      const std::int64_t top = y * p.stride - p.padding;
      for (std::int64_t x = 0; x < p.map_width; ++x, rows += patch) {
        const std::int64_t left = x * p.stride - p.padding;
        const bool is_inside = top >= 0 && left >= 0 && top + p.kernel <= p.image_height &&
                               left + p.kernel <= p.image_width;
        if (!is_inside) {
          for (std::int64_t i = 0; i < patch; ++i) rows[i] = 0;
        }
        for_each_run(p, y, x, [&](std::int64_t from, std::int64_t to, std::int64_t length) {
#pragma omp simd
          for (std::int64_t i = 0; i < length; ++i) rows[to + i] = images[from + i];
        });
      }
    }
  }
}

void scatter_patches(const Patches& patches, const float* rows, float* images, std::int64_t count) {
  const Patches p = patches;
  const std::int64_t patch = p.patch_size();
  for (std::int64_t n = 0; n < count; ++n, images += p.image_size()) {
    for (std::int64_t i = 0; i < p.image_size(); ++i) images[i] = 0;
    for (std::int64_t y = 0; y < p.map_height; ++y) {
      for (std::int64_t x = 0; x < p.map_width; ++x, rows += patch) {
        for_each_run(p, y, x, [&](std::int64_t to, std::int64_t from, std::int64_t length) {
#pragma omp simd
          for (std::int64_t i = 0; i < length; ++i) images[to + i] += rows[from + i];
        });
      }
    }
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
                               gather_patches,
                               scatter_patches,
                               sum,
                               adam_step};

}  // namespace varia::kernels
