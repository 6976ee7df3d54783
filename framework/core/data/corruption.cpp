#include "varia/corruption.hpp"

#include <ATen/Functions.h>

namespace varia {

Tensor Corruption::apply(const Tensor& images, Draw& draw) const {
  switch (kind) {
    case Kind::none:
      break;
    case Kind::gaussian:
      return draw.normal(images.sizes()).mul_(amount).add_(images).clamp_(0, 1);
    case Kind::mask:
      return draw.uniform(images.sizes()).ge_(amount).mul_(images);
    case Kind::salt_pepper: {
      const auto chance = draw.uniform(images.sizes());
      return images.masked_fill(chance.lt(amount / 2), 0)
          .masked_fill_(chance.gt(1 - amount / 2), 1);
    }
  }
  return images;
}

}  // namespace varia
