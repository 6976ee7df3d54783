#pragma once

#include <cstddef>

#include "varia/inference.hpp"

namespace varia::metrics {

/// The bound on -log p(x) of each sample of a batch, averaged over K: its reconstruction part, and
/// the KL divergence of every block that has one.
/// @returns [B] nats
inline Tensor negative_elbo(const Inference& inference) {
  auto elbo = inference.log_likelihood().mean(0);
  for (std::size_t i = 0; i < inference.blocks.size(); ++i)
    if (inference.kl(i).defined()) elbo = elbo - inference.kl_per_sample(i);
  return -elbo;
}

}  // namespace varia::metrics
