#pragma once

#include <vector>

#include "varia/tensor.hpp"

namespace varia {

/// The shape of a draw: that of the parameters [K|1, B, E], with K samples where they have one.
inline std::vector<std::int64_t> rsample_shape(const Tensor& parameters, std::int64_t samples) {
  auto sizes = parameters.sizes().vec();
  if (sizes[0] == 1) sizes[0] = samples;
  return sizes;
}

}  // namespace varia
