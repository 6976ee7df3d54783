#pragma once

#include <cstdint>

#include "varia/draw.hpp"
#include "varia/export.hpp"
#include "varia/tensor.hpp"

namespace varia {

/// What is done to the images that the encoder sees, while the target stays clean: a denoising
/// model.
/// @see Vincent et al. 2010 (autoencoders), Im et al. 2017 (VAEs)
struct VARIA_API Corruption {
  enum class Kind : std::uint8_t {
    none,
    gaussian,     ///< x + amount * N(0, 1), clamped to [0, 1]
    mask,         ///< 0 with probability `amount`
    salt_pepper,  ///< with probability `amount` 0 or 1, which are equally likely
  };
  Kind kind = Kind::none;
  double amount = 0;  ///< a standard deviation in units of white, or a probability

  /// Every value of every channel is corrupted by itself.
  /// @param images [B, E...] float32 in [0, 1] on the device of `draw`, which is not changed
  /// @returns      [B, E...] float32 in [0, 1]; `images` itself, and nothing drawn, for `none`
  Tensor apply(const Tensor& images, Draw& draw) const;
};

}  // namespace varia
