#include "kernels/kernels.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>

namespace varia::kernels {

namespace {

template <class Function>
Function* find(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
}

// As in oneDNN's dnnl.h, versions 1 to 3.
using OneDnnSgemm = int(char, char, std::int64_t, std::int64_t, std::int64_t, float, const float*,
                        std::int64_t, const float*, std::int64_t, float, float*, std::int64_t);
struct Version {
  int major, minor, patch;
};

OneDnnSgemm* onednn() {
  static auto* const found = find<OneDnnSgemm>("dnnl_sgemm");
  return found;
}

// Fortran's, for matrices in column-major order.
using MklSgemm = void(const char*, const char*, const int*, const int*, const int*, const float*,
                      const float*, const int*, const float*, const int*, const float*, float*,
                      const int*);

/// MKL is a part of LibTorch in PyTorch's wheels, whose oneDNN has no symbols that could be found.
/// Any BLAS has `sgemm_`, so it is asked for by a name that MKL alone has.
MklSgemm* mkl() {
  static auto* const found =
      find<void>("MKL_Set_Num_Threads_Local") != nullptr ? find<MklSgemm>("sgemm_") : nullptr;
  return found;
}

/// Without AVX2 the general loops of oneDNN are slower than OpenBLAS.
bool has_avx2() {
  static const bool has = usable_kernels().size() > 1;
  return has;
}

char letter(const Matrix& matrix) { return matrix.transposed ? 'T' : 'N'; }

}  // namespace

bool multiply(const Matrix& a, const Matrix& b, float* result, std::int64_t m, std::int64_t n,
              std::int64_t k, bool increase) {
  const float before = increase ? 1.0F : 0.0F;
  if (!has_avx2()) return false;
  if (auto* const function = onednn())
    return function(letter(a), letter(b), m, n, k, 1.0F, a.data, a.stride, b.data, b.stride, before,
                    result, n) == 0;
  auto* const function = mkl();
  if (function == nullptr ||
      std::max({m, n, k, a.stride, b.stride}) > std::numeric_limits<int>::max())
    return false;
  // In column-major order the transposed result is the product of the transposed factors.
  const char first = letter(b);
  const char second = letter(a);
  const auto rows = static_cast<int>(n);
  const auto columns = static_cast<int>(m);
  const auto inner = static_cast<int>(k);
  const auto first_stride = static_cast<int>(b.stride);
  const auto second_stride = static_cast<int>(a.stride);
  const float factor = 1.0F;
  function(&first, &second, &rows, &columns, &inner, &factor, b.data, &first_stride, a.data,
           &second_stride, &before, result, &rows);
  return true;
}

const char* product_library() {
  static const std::array<char, 40> name = [] {
    std::array<char, 40> text{};
    if (!has_avx2()) return text;
    auto* const version = find<const Version*()>("dnnl_version");
    if (onednn() == nullptr) {
      std::snprintf(text.data(), text.size(), "%s", mkl() == nullptr ? "" : "MKL");
    } else if (version != nullptr) {
      const auto* const found = (*version)();
      std::snprintf(text.data(), text.size(), "oneDNN %d.%d.%d", found->major, found->minor,
                    found->patch);
    }
    return text;
  }();
  return name.data();
}

}  // namespace varia::kernels
