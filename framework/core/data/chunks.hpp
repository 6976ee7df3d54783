#pragma once

#include <algorithm>
#include <cstdint>

#include "varia/samples.hpp"

namespace varia {

/// Calls `visit(values, rows)` with all samples of an index, some at a time, until it returns
/// false.
/// @returns whether it has seen all
template <class Visit>
bool for_each_chunk(const Samples& samples, const Tensor& index, const Visit& visit) {
  constexpr std::int64_t kMostSamples = 512;
  constexpr std::int64_t kMostNumbers = 1 << 24;
  const auto numbers = c10::multiply_integers(samples.event());
  const auto chunk = std::clamp<std::int64_t>(kMostNumbers / numbers, 1, kMostSamples);
  return std::ranges::all_of(index.split(chunk), [&](const Tensor& rows) {
    return visit(samples.gather(rows, at::kCPU), rows);
  });
}

}  // namespace varia
