#pragma once

#include <ATen/Functions.h>

#include <string_view>

#include "varia/draw.hpp"

namespace varia::metrics {

/// Places of a random subset of a split, the same in every trial and experiment; all places if
/// there are no more than `count`. Not the first ones: those of MNIST's test images, say, are
/// easier than the others, and a split may be sorted by its labels.
/// @param size    of the split
/// @param purpose of the stream of random numbers
/// @returns       [n] int64, ascending
inline Tensor random_places(std::int64_t size, std::int64_t count, std::string_view purpose) {
  if (count >= size) return at::arange(size);
  Draw draw(stream_key(0, purpose));
  return std::get<0>(draw.permutation(size).slice(0, 0, count).sort());
}

}  // namespace varia::metrics
