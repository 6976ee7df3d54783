#pragma once

#include <cstdint>

namespace varia::kernels::VARIA_LOOPS {

/// Calls `term(row, column)` for all rows and columns and writes the sums over the rows. A sum of
/// many rows in float32 would lose digits, so blocks are summed in float32 and added in float64.
template <class Term>
[[gnu::always_inline]] inline void sum_rows(float* result, std::int64_t rows, std::int64_t columns,
                                            const Term& term) {
  constexpr std::int64_t kBlock = 256, kTile = 128;
  for (std::int64_t left = 0; left < columns; left += kTile) {
    const std::int64_t width = columns - left < kTile ? columns - left : kTile;
    double total[kTile] = {};
    for (std::int64_t top = 0; top < rows; top += kBlock) {
      const std::int64_t bottom = rows - top < kBlock ? rows : top + kBlock;
      float sum[kTile] = {};
      for (std::int64_t row = top; row < bottom; ++row) {
#pragma omp simd
        for (std::int64_t i = 0; i < width; ++i) sum[i] += term(row, left + i);
      }
      for (std::int64_t i = 0; i < width; ++i) total[i] += static_cast<double>(sum[i]);
    }
    for (std::int64_t i = 0; i < width; ++i) result[left + i] = static_cast<float>(total[i]);
  }
}

}  // namespace varia::kernels::VARIA_LOOPS
