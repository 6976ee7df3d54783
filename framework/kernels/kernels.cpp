#include "kernels/kernels.hpp"

namespace varia::kernels {

extern const Kernels kernels_baseline;
#ifdef VARIA_KERNELS_X86
extern const Kernels kernels_avx2;
extern const Kernels kernels_avx512;
#endif

std::vector<const Kernels*> usable_kernels() {
  std::vector<const Kernels*> usable = {&kernels_baseline};
#ifdef VARIA_KERNELS_X86
  // The part of -march=x86-64-v3 and -v4 that the compiler uses in these loops.
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("bmi2"))
    usable.push_back(&kernels_avx2);
  if (usable.size() == 2 && __builtin_cpu_supports("avx512f") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    usable.push_back(&kernels_avx512);
#endif
  return usable;
}

const Kernels& kernels() {
  static const Kernels& best = *usable_kernels().back();
  return best;
}

}  // namespace varia::kernels

namespace varia {

void adam_step(float* parameter, const float* gradient, float* mean, float* square,
               std::int64_t count, const AdamFactors& factors) {
  kernels::kernels().adam_step(parameter, gradient, mean, square, count, factors);
}

}  // namespace varia
