#pragma once

#include <bit>
#include <cstdint>

/// Elementary functions without branches or calls, so that the compiler vectorises the loops that
/// use them for every instruction set. Compiled with -fno-math-errno and without
/// -ffast-math: NaN stays NaN.
namespace varia::kernels {

/// e^x within 2 units in the last place, denormals included; 0 or infinity if these are nearest.
[[gnu::always_inline]] inline float exp(float x) {
  // Beyond these bounds the result is 0 or infinite. Comparisons with NaN are false.
  x = x < -104.0F ? -104.0F : x;
  x = x > 89.0F ? 89.0F : x;
  // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
  constexpr float kRounder = 12582912.0F;
  const float shifted = x * 1.44269504088896341F + kRounder;
  const float n = shifted - kRounder;
  // ln 2 in two parts, the first exact in few bits (Cody & Waite).
  const float r = (x - n * 0.693359375F) - n * -2.12194440e-4F;
  float p = 1.9875691500e-4F;  // polynomial of Cephes' expf (Moshier 1992)
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  const float y = (p * r) * r + r + 1.0F;
  // 2^n in two factors, since it may be out of range although e^x is not.
  const auto exponent =
      std::bit_cast<std::int32_t>(shifted) - std::bit_cast<std::int32_t>(kRounder);
  const auto half = exponent >> 1;
  const auto power = [](std::int32_t e) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(e + 127) << 23);
  };
  return y * power(half) * power(exponent - half);
}

/// ln(1 + u) for u in [0, 1], within 2 units in the last place.
[[gnu::always_inline]] inline float log1p_of_unit(float u) {
  // ln(1 + u) = 2 atanh(s), s in [0, 1/3]; a polynomial in s^2 within 4e-10 (Chebyshev nodes).
  const float s = u / (2.0F + u);
  const float z = s * s;
  float p = 0.11619525402784348F;
  p = p * z + 0.10851657390594482F;
  p = p * z + 0.14296291768550873F;
  p = p * z + 0.19999851286411285F;
  p = p * z + 0.3333333432674408F;
  const float twice = 2.0F * s;
  return twice + twice * (z * p);
}

[[gnu::always_inline]] inline float magnitude(float x) {
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(x) & 0x7fffffffU);
}

/// ln(1 + e^x), finite for every finite x.
[[gnu::always_inline]] inline float softplus(float x) {
  const float positive = x < 0.0F ? 0.0F : x;
  return positive + log1p_of_unit(exp(-magnitude(x)));
}

/// 1 / (1 + e^-x).
[[gnu::always_inline]] inline float sigmoid(float x) {
  const float u = exp(-magnitude(x));
  return (x < 0.0F ? u : 1.0F) / (1.0F + u);
}

}  // namespace varia::kernels
