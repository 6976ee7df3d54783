#pragma once

#include <cstdint>
#include <vector>

#include "varia/tensor.hpp"

namespace varia {

/// What a model learns from: some images and what is known of them.
struct Batch {
  Tensor images;   ///< [B, C, H, W] float32 in [0, 1]: what the encoder sees
  Tensor target;   ///< [B, C, H, W]: what is to be reconstructed: the same tensor as `images`, or
                   ///< the clean images if those are corrupted (`data.corrupt`)
  Tensor labels;   ///< [B] int64, undefined if the data has none
  Tensor factors;  ///< [B, F] float32, the known factors of generated data; undefined if none
  Tensor index;    ///< [B] int64, the place in the split

  std::int64_t size() const { return images.size(0); }
};

/// What a model must know of its data before it sees any.
struct DataSpec {
  std::vector<std::int64_t> image;  ///< [C, H, W]
  std::int64_t classes = 0;         ///< labels are 0 .. classes-1; 0 if there are none
  std::int64_t size = 0;            ///< N, images in the training split

  /// C * H * W.
  std::int64_t pixels() const {
    std::int64_t count = 1;
    for (const auto extent : image) count *= extent;
    return count;
  }
};

}  // namespace varia
