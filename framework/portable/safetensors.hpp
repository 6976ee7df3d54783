#pragma once

#include <string>

#include "portable/script.hpp"

namespace varia::portable {

/// Tensors as the content of a safetensors file: row-major, in this order.
/// @see https://huggingface.co/docs/safetensors
/// @throws Error if a type is none of float32, float64, int64, uint8 and bool
std::string safetensors_of(const NamedTensors& tensors);

/// "float32", "float64", "int64", "uint8" or "bool", as NumPy calls it. @throws Error
std::string type_name(at::ScalarType type);

}  // namespace varia::portable
