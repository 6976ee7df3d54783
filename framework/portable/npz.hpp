#pragma once

#include <string>

#include "portable/script.hpp"

namespace varia::portable {

/// Tensors as the content of a NumPy archive (.npz), uncompressed; a name may have slashes.
/// @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
/// @throws Error if a type is none of float32, float64, int64, uint8 and bool
std::string npz_of(const NamedTensors& tensors);

}  // namespace varia::portable
