// Compiled once for each instruction set (loops.hpp), VARIA_KERNELS being the name of its table.
#include "kernels/loops.hpp"

#include <cmath>

namespace varia::kernels::VARIA_LOOPS {

std::int64_t count_nonzero(const float* values, std::int64_t count) {
  constexpr std::int64_t kBlock = 1 << 16;
  std::int64_t total = 0;
  for (std::int64_t first = 0; first < count; first += kBlock) {
    const std::int64_t size = count - first < kBlock ? count - first : kBlock;
    std::int32_t found = 0;  // as wide as a float, so that it stays in its lane
#pragma omp simd reduction(+ : found)
    for (std::int64_t i = 0; i < size; ++i) found += values[first + i] != 0.0F;
    total += found;
  }
  return total;
}

bool all_finite(const float* values, std::int64_t count) {
  float found = 0;  // NaN after infinity * 0 or NaN * 0
#pragma omp simd reduction(+ : found)
  for (std::int64_t i = 0; i < count; ++i) found += values[i] * 0.0F;
  return found == 0.0F;
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

}  // namespace varia::kernels::VARIA_LOOPS

namespace varia::kernels {

extern const Kernels VARIA_KERNELS;
const Kernels VARIA_KERNELS = {VARIA_INSTRUCTION_SET,
                               VARIA_LOOPS::bernoulli_log_prob,
                               VARIA_LOOPS::bernoulli_log_prob_backward,
                               VARIA_LOOPS::weighted_error,
                               VARIA_LOOPS::weighted_error_backward,
                               VARIA_LOOPS::kl_to_unit_normal,
                               VARIA_LOOPS::kl_to_unit_normal_backward,
                               VARIA_LOOPS::normal_draw,
                               VARIA_LOOPS::normal_draw_backward,
                               VARIA_LOOPS::add_bias_and_activate,
                               VARIA_LOOPS::add_bias_and_activate_backward,
                               VARIA_LOOPS::gather_patches,
                               VARIA_LOOPS::scatter_patches,
                               VARIA_LOOPS::sparse_product,
                               VARIA_LOOPS::count_nonzero,
                               VARIA_LOOPS::all_finite,
                               VARIA_LOOPS::sum,
                               VARIA_LOOPS::adam_step};

}  // namespace varia::kernels
