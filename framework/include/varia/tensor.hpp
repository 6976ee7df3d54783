#pragma once

#include <torch/types.h>

namespace varia {

/// Shapes are written [K, B, E]: K samples, B batch, E the event: [D] for codes, [C, H, W] for
/// images. Anything of a distribution may have 1 in place of K or B and broadcasts.
using torch::Tensor;

}  // namespace varia
