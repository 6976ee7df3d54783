#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "kernels/kernels.hpp"
#include "support/catch.hpp"

namespace varia::kernels {

/// A unit in the last place of 1, in float32.
inline constexpr double kUlp = 1.1920928955078125e-7;

/// How far a sum of `count` terms, whose magnitudes add up to `magnitude`, may be off.
inline double tolerance(double magnitude, std::size_t count = 1) {
  constexpr double kSmallest = 2 * 1.41e-45;  // two units of the smallest float above 0
  const auto terms = static_cast<double>(count);
  return 2 * kUlp * std::sqrt(terms) * magnitude + terms * kSmallest;
}

inline std::vector<float> random_numbers(std::size_t count, float low, float high, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> distribution(low, high);
  std::vector<float> numbers(count);
  for (float& number : numbers) number = distribution(generator);
  return numbers;
}

/// The same value, the same infinity, or both not a number.
inline bool agree(double found, double expected, double within) {
  if (std::isnan(expected)) return std::isnan(found);
  if (std::isinf(expected)) return found == expected;
  return std::abs(found - expected) <= within;
}

/// Calls `test` for every instruction set of this processor. The data of a test start behind one
/// number, so that they are aligned to that number alone.
template <class Test>
void for_each_instruction_set(const Test& test) {
  for (const auto* const kernels : usable_kernels()) {
    INFO("instruction set: " << std::string(kernels->instruction_set));
    test(*kernels);
  }
}

}  // namespace varia::kernels
