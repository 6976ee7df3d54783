#include "kernels/kernels.hpp"

#include <dlfcn.h>

#include <array>
#include <cstdio>

namespace varia::kernels {

namespace {

// As in oneDNN's dnnl.h, versions 1 to 3.
using Sgemm = int(char, char, std::int64_t, std::int64_t, std::int64_t, float, const float*,
                  std::int64_t, const float*, std::int64_t, float, float*, std::int64_t);
struct Version {
  int major, minor, patch;
};

template <class Function>
Function* find(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
}

/// Null without AVX2, since its general loops are slower than OpenBLAS.
Sgemm* find_sgemm() { return usable_kernels().size() > 1 ? find<Sgemm>("dnnl_sgemm") : nullptr; }

Sgemm* sgemm() {
  static Sgemm* const found = find_sgemm();
  return found;
}

}  // namespace

bool multiply(const Matrix& a, const Matrix& b, float* result, std::int64_t m, std::int64_t n,
              std::int64_t k, bool increase) {
  auto* const function = sgemm();
  return function != nullptr &&
         function(a.transposed ? 'T' : 'N', b.transposed ? 'T' : 'N', m, n, k, 1.0F, a.data,
                  a.stride, b.data, b.stride, increase ? 1.0F : 0.0F, result, n) == 0;
}

const char* product_library() {
  static const std::array<char, 40> name = [] {
    std::array<char, 40> text{};
    auto* const version = find<const Version*()>("dnnl_version");
    if (sgemm() != nullptr && version != nullptr) {
      const auto* const found = (*version)();
      std::snprintf(text.data(), text.size(), "oneDNN %d.%d.%d", found->major, found->minor,
                    found->patch);
    }
    return text;
  }();
  return name.data();
}

}  // namespace varia::kernels
