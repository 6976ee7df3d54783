// Compiled once for each instruction set (loops.hpp).
#include "kernels/loops.hpp"

namespace varia::kernels::VARIA_LOOPS {

namespace {

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
  sum_rows(bias_gradient, rows, columns, [=](std::int64_t row, std::int64_t column) {
    const std::int64_t i = row * columns + column;
    return gradient[i] = before_activation<kActivation>(values[i], outer[i]);
  });
}

/// Calls `visit(image_at, patch_at, length)` for every run of numbers that a patch and the image
/// share: the part of a row of the kernel that is inside the image.
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

}  // namespace

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

}  // namespace varia::kernels::VARIA_LOOPS
