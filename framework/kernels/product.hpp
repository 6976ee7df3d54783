#pragma once

#include <cstdint>

#include "kernels/kernels.hpp"
#include "varia/export.hpp"

namespace varia::kernels {

/// result [m, n] = a [m, k] b [k, n], or result += a b if `increase`. Computed by oneDNN, which
/// LibTorch brings along: for the shapes of small networks it is 5 to 15% faster than OpenBLAS on
/// CPUs with AVX2 or AVX-512.
/// @param result contiguous
/// @returns false, and writes nothing, if oneDNN is not loaded or this CPU lacks AVX2
VARIA_API bool multiply(const Matrix& a, const Matrix& b, float* result, std::int64_t m,
                        std::int64_t n, std::int64_t k, bool increase = false);

/// "oneDNN 2.6.3" if `multiply` works, else empty.
VARIA_API const char* product_library();

}  // namespace varia::kernels
