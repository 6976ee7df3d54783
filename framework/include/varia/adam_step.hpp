#pragma once

#include <cstdint>

#include "varia/export.hpp"

namespace varia {

/// What one step of Adam multiplies with.
struct AdamFactors {
  float beta1, beta2, epsilon;
  float step_size;        ///< lr / (1 - beta1^t)
  float root_correction;  ///< 1 / sqrt(1 - beta2^t)
  float shrink;           ///< of the parameter itself: 1 - lr * decoupled weight decay
  float decay;            ///< weight decay that is added to the gradient
};

/// One pass over a parameter that moves both means and takes the step (Kingma & Ba 2015):
/// g = gradient + decay * parameter; mean and square become their moving means of g and g^2;
/// parameter = shrink * parameter - step_size * mean / (root_correction * sqrt(square) + epsilon).
/// @param parameter, gradient, mean, square [count], none overlapping another
VARIA_API void adam_step(float* parameter, const float* gradient, float* mean, float* square,
                         std::int64_t count, const AdamFactors& factors);

}  // namespace varia
