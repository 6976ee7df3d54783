#pragma once

#include <type_traits>

#include "kernels/kernels.hpp"

/// The loops of the table `Kernels`, declared for one instruction set, whose namespace is
/// VARIA_LOOPS. They call only functions that are inlined, since the linker would keep the copy of
/// one instruction set for all.
namespace varia::kernels::VARIA_LOOPS {

/// The type of the function that an entry of the table points to.
template <class Entry>
using Loop = std::remove_pointer_t<Entry>;

Loop<decltype(Kernels::bernoulli_log_prob)> bernoulli_log_prob;
Loop<decltype(Kernels::bernoulli_log_prob_backward)> bernoulli_log_prob_backward;
Loop<decltype(Kernels::weighted_error)> weighted_error;
Loop<decltype(Kernels::weighted_error_backward)> weighted_error_backward;
Loop<decltype(Kernels::kl_to_unit_normal)> kl_to_unit_normal;
Loop<decltype(Kernels::kl_to_unit_normal_backward)> kl_to_unit_normal_backward;
Loop<decltype(Kernels::normal_draw)> normal_draw;
Loop<decltype(Kernels::normal_draw_backward)> normal_draw_backward;
Loop<decltype(Kernels::add_bias_and_activate)> add_bias_and_activate;
Loop<decltype(Kernels::add_bias_and_activate_backward)> add_bias_and_activate_backward;
Loop<decltype(Kernels::gather_patches)> gather_patches;
Loop<decltype(Kernels::scatter_patches)> scatter_patches;
Loop<decltype(Kernels::sparse_product)> sparse_product;
Loop<decltype(Kernels::count_nonzero)> count_nonzero;
Loop<decltype(Kernels::all_finite)> all_finite;
Loop<decltype(Kernels::sum)> sum;
Loop<decltype(Kernels::adam_step)> adam_step;

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
