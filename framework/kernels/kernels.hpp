#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "varia/adam_step.hpp"

/// The loops of training over plain memory, compiled for several instruction sets. Within one
/// instruction set, results are bit-identical from run to run. Arrays do not overlap unless a
/// comment says so.
namespace varia::kernels {

/// Rows of contiguous numbers; the rows are `stride` numbers apart.
struct Rows {
  const float* data = nullptr;
  std::int64_t stride = 0;
};

/// A float32 matrix whose rows are `stride` numbers apart, or the transpose of it.
struct Matrix {
  const float* data = nullptr;
  std::int64_t stride = 0;
  bool transposed = false;
};

/// Activations whose derivative follows from their value.
enum class Activation { identity, relu, leaky_relu };

/// The error of a difference: its square or its absolute value.
enum class Error { square, absolute };

/// Slope of leaky_relu below zero.
inline constexpr float kLeak = 0.2F;

/// The places of a square kernel on images [H, W, channels] with `padding` zeros around them: a map
/// [height, width] of places that are `stride` pixels apart.
struct Patches {
  std::int64_t image_height = 0, image_width = 0, channels = 0;
  std::int64_t map_height = 0, map_width = 0;
  std::int64_t kernel = 1, stride = 1, padding = 0;

  std::int64_t image_size() const { return image_height * image_width * channels; }
  std::int64_t map_size() const { return map_height * map_width; }
  /// Numbers below the kernel at one place: [kernel, kernel, channels].
  std::int64_t patch_size() const { return kernel * kernel * channels; }
};

/// The loops of one instruction set.
struct Kernels {
  std::string_view instruction_set;

  /// Row sums of value * logit - ln(1 + e^logit), in nats.
  /// logits [rows, columns], value [value_rows, columns], result [rows]; row r of the logits
  /// belongs to row r modulo value_rows of the values.
  void (*bernoulli_log_prob)(const float* logits, const float* value, float* result,
                             std::int64_t rows, std::int64_t value_rows, std::int64_t columns);
  /// Its gradient with respect to the logits: outer [rows] * (value - sigmoid(logit)).
  /// gradient [rows, columns]
  void (*bernoulli_log_prob_backward)(const float* logits, const float* value, const float* outer,
                                      float* gradient, std::int64_t rows, std::int64_t value_rows,
                                      std::int64_t columns);

  /// Row sums of weight * error(value - mean): the sum in a Gaussian or Laplace log-likelihood.
  /// mean [rows, columns], value [value_rows, columns] as above, weight [columns], result [rows]
  void (*weighted_error)(Error error, const float* mean, const float* value, const float* weight,
                         float* result, std::int64_t rows, std::int64_t value_rows,
                         std::int64_t columns);
  /// Its gradients, times outer [rows]: mean_gradient [rows, columns], and weight_gradient
  /// [columns], which may be null.
  void (*weighted_error_backward)(Error error, const float* mean, const float* value,
                                  const float* weight, const float* outer, float* mean_gradient,
                                  float* weight_gradient, std::int64_t rows,
                                  std::int64_t value_rows, std::int64_t columns);

  /// KL(N(mean, e^log_var) || N(0, 1)) per element: (mean^2 + e^log_var - 1 - log_var) / 2 nats.
  /// result [rows, columns]
  void (*kl_to_unit_normal)(Rows mean, Rows log_var, float* result, std::int64_t rows,
                            std::int64_t columns);
  /// Its gradients, times outer [rows, columns]; both are [rows, columns].
  void (*kl_to_unit_normal_backward)(Rows mean, Rows log_var, const float* outer,
                                     float* mean_gradient, float* log_var_gradient,
                                     std::int64_t rows, std::int64_t columns);

  /// mean + e^(log_var / 2) * noise. noise, result [rows, columns]
  void (*normal_draw)(Rows mean, Rows log_var, const float* noise, float* result, std::int64_t rows,
                      std::int64_t columns);
  /// Its gradient with respect to log_var, times outer [rows, columns]. That with respect to the
  /// mean is `outer`.
  void (*normal_draw_backward)(Rows log_var, const float* noise, const float* outer,
                               float* log_var_gradient, std::int64_t rows, std::int64_t columns);

  /// values [rows, columns] = activation(values + bias [columns]), in place.
  void (*add_bias_and_activate)(Activation activation, float* values, const float* bias,
                                std::int64_t rows, std::int64_t columns);
  /// Its gradients, given the values after the activation and the gradient `outer` with respect to
  /// them: `gradient`, before the activation, may be the memory of `outer`; `bias_gradient` is its
  /// sum over the rows.
  void (*add_bias_and_activate_backward)(Activation activation, const float* values,
                                         const float* outer, float* gradient, float* bias_gradient,
                                         std::int64_t rows, std::int64_t columns);

  /// The pixels below the kernel at each place; zero outside of the image.
  /// images [count, H, W, channels], rows [count, map_height, map_width, patch_size]
  void (*gather_patches)(const Patches& patches, const float* images, float* rows,
                         std::int64_t count);
  /// Its transpose: each pixel becomes the sum of the numbers that the rows have for it.
  void (*scatter_patches)(const Patches& patches, const float* rows, float* images,
                          std::int64_t count);

  /// result [m, n] = a [m, k] b [k, n], or result += a b if `increase`. Skips the zeros of `a`, so
  /// `b` must be finite. `b` and `result` are contiguous.
  void (*sparse_product)(const Matrix& a, const float* b, float* result, std::int64_t m,
                         std::int64_t n, std::int64_t k, bool increase);

  /// The number of values that are not zero.
  std::int64_t (*count_nonzero)(const float* values, std::int64_t count);
  /// True if no value is infinite or NaN.
  bool (*all_finite)(const float* values, std::int64_t count);

  /// The sum, in float64.
  double (*sum)(const float* values, std::int64_t count);

  /// See varia/adam_step.hpp.
  void (*adam_step)(float* parameter, const float* gradient, float* mean, float* square,
                    std::int64_t count, const AdamFactors& factors);
};

/// Those of the best instruction set of this CPU.
VARIA_API const Kernels& kernels();

/// Those of all instruction sets of this CPU, the baseline first.
VARIA_API std::vector<const Kernels*> usable_kernels();

/// result [m, n] = a [m, k] b [k, n], or result += a b if `increase`. Computed by oneDNN, which
/// LibTorch brings along: for the shapes of small networks it is 5 to 15% faster than OpenBLAS on
/// CPUs with AVX2 or AVX-512. In PyTorch's wheels, by MKL.
/// @param result contiguous
/// @returns false, and writes nothing, if neither is loaded, this CPU lacks AVX2, a size is more
///          than MKL's integers hold, or oneDNN refuses (it has no memory, for instance)
VARIA_API bool multiply(const Matrix& a, const Matrix& b, float* result, std::int64_t m,
                        std::int64_t n, std::int64_t k, bool increase = false);

/// "oneDNN 2.6.3" or "MKL" if `multiply` works, else empty.
VARIA_API const char* product_library();

}  // namespace varia::kernels
